import type { PlayerStatus } from '@vedette/player';
import { useState } from 'react';
import { formatAge } from '../../../format/format-age.ts';
import { Button } from '../../../ui/button.tsx';
import { useNow } from '../../../ui/since.tsx';
import { StateMark } from '../../../ui/state-mark.tsx';
import { tileWords } from '../tile-words.ts';

interface TileMessageProps {
  readonly status: PlayerStatus;
  readonly pictureAgeMs: () => number | null;
  readonly onPlayAgain: () => void;
  readonly onReason: (reason: string) => void;
}

/** Over a tile without a live picture: the state, its reason, and how old the picture behind is. */
export function TileMessage({ status, pictureAgeMs, onPlayAgain, onReason }: TileMessageProps) {
  useNow(1000);
  const { word, tone, shape } = tileWords(status.state, status.reason);
  const age = status.soundOnly ? null : pictureAgeMs();
  const isOver = status.state === 'ended' || status.state === 'forbidden' || status.state === 'idle';
  return (
    <div
      key={`${status.state} ${status.reason} ${age === null}`}
      className="absolute inset-0 flex flex-col items-center justify-center gap-1 bg-black/45 px-5 pb-7 text-center"
    >
      <p className="flex items-center gap-2 text-base font-semibold">
        <StateMark shape={shape} tone={tone} className="size-3.5" />
        {word}
      </p>
      <p className="tile-sentence line-clamp-2 max-w-80 text-xs text-muted">{status.sentence}</p>
      {age !== null && (
        <p className="mt-1 rounded-sm bg-warn px-1.5 text-xs font-semibold text-black">
          Picture is {formatAge(age)} old
        </p>
      )}
      {status.reason === 'reason_required' ? (
        <ReasonField onReason={onReason} />
      ) : isOver ? (
        <Button className="mt-1.5 h-7" onClick={onPlayAgain}>
          Watch again
        </Button>
      ) : null}
    </div>
  );
}

/** Asks for the case number or reason without which this camera is not shown. */
function ReasonField({ onReason }: { readonly onReason: (reason: string) => void }) {
  const [typed, setTyped] = useState('');
  const reason = typed.trim();
  return (
    <form
      className="mt-1.5 flex w-full max-w-72 gap-1.5"
      onSubmit={(event) => {
        event.preventDefault();
        if (reason !== '') onReason(reason);
      }}
    >
      <input
        aria-label="Case number or reason"
        placeholder="Case number or reason"
        maxLength={300}
        autoComplete="off"
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
        onDoubleClick={(event) => event.stopPropagation()}
        className="h-7 min-w-0 flex-1 rounded-md border border-line-strong bg-surface px-2 text-sm text-text select-text placeholder:text-faint"
        data-testid="tile-reason"
      />
      <Button type="submit" className="h-7">
        Watch
      </Button>
    </form>
  );
}
