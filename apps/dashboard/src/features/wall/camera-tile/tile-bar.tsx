import type { PlayerStatus } from '@vedette/player';
import type { ReactNode } from 'react';
import { classNames } from '../../../ui/class-names.ts';
import { StateMark } from '../../../ui/state-mark.tsx';
import { tileWords } from '../tile-words.ts';

/** Name and state along the lower edge; the same height in every state. */
export function TileBar({
  name,
  status,
  children,
}: {
  readonly name: string;
  readonly status: PlayerStatus;
  readonly children?: ReactNode;
}) {
  const { word, tone, shape } = tileWords(status.state, status.reason);
  const isLive = status.state === 'live';
  return (
    <div className="absolute inset-x-0 bottom-0 flex h-7 items-center gap-2 bg-linear-to-t from-black/85 to-black/45 px-2.5 text-xs">
      <StateMark shape={shape} tone={tone} className="size-2.5" />
      <span className="min-w-0 flex-1 truncate font-medium text-text">{name}</span>
      {/* A new element for a new word: whatever else is in the line stays where it is. */}
      <span
        key={word}
        className={classNames('tile-when-wide', isLive ? 'text-muted' : 'font-medium', TONES[tone])}
      >
        {word}
      </span>
      {children}
      <span
        className={classNames(
          'w-13 rounded-sm bg-black/60 text-center text-2xs leading-4 text-muted',
          status.protocol === null ? 'invisible' : !isLive && 'opacity-60',
        )}
      >
        {status.protocol !== null && PROTOCOLS[status.protocol]}
      </span>
    </div>
  );
}

const PROTOCOLS = { webrtc: 'WebRTC', hls: 'HLS' } as const;
const TONES = {
  good: '',
  none: 'text-muted',
  busy: 'text-busy',
  warn: 'text-warn',
  bad: 'text-bad',
} as const;
