import type { CameraId, HistoryState } from '@vedette/contracts';
import { REASON_TEXT } from '@vedette/contracts/reason-text';
import { useCameraHistory } from '../../api/queries.ts';
import { type MarkShape, StateMark, type Tone } from '../../ui/state-mark.tsx';

const STATES: Readonly<
  Record<HistoryState, { readonly word: string; readonly tone: Tone; readonly shape: MarkShape }>
> = {
  online: { word: 'Came', tone: 'good', shape: 'dot' },
  offline: { word: 'Went', tone: 'bad', shape: 'cross' },
  unstable: { word: 'Came and went', tone: 'warn', shape: 'triangle' },
};
const SHOWN = 6;

/** How much of the time a camera was there, and when it came and went. */
export function CameraHistory({ id }: { readonly id: CameraId }) {
  const { data } = useCameraHistory(id);
  if (data === undefined) return null;
  const { checkedAt, entries, uptime } = data;
  const shares = [
    uptime.lastDay === null ? undefined : `${percent(uptime.lastDay)} of the last day`,
    uptime.lastWeek === null ? undefined : `${percent(uptime.lastWeek)} of the last week`,
  ].filter((share) => share !== undefined);
  if (shares.length === 0 && entries.length === 0 && checkedAt === null) return null;
  return (
    <section data-testid="camera-history">
      <h3 className="mb-1.5 text-xs font-semibold text-faint">Was it there</h3>
      <div className="border-t pt-2">
        {shares.length > 0 && <p>{shares.join(', ')}</p>}
        <ul>
          {entries.slice(0, SHOWN).map(({ at, reason, state }) => {
            const { shape, tone, word } = STATES[state];
            return (
              <li key={at} className="flex gap-2 py-0.5">
                <StateMark shape={shape} tone={tone} className="mt-1 size-2.5" />
                <span className="w-40 shrink-0 text-muted tabular-nums">{new Date(at).toLocaleString()}</span>
                <span className="min-w-0 flex-1">
                  {word}
                  {state !== 'online' && <span className="text-muted">: {REASON_TEXT[reason]}</span>}
                </span>
              </li>
            );
          })}
        </ul>
        {checkedAt !== null && (
          <p className="text-faint">Last asked {new Date(checkedAt).toLocaleString()}</p>
        )}
      </div>
    </section>
  );
}

function percent(share: number): string {
  const rounded = Math.floor(share * 1000) / 10;
  return `${rounded} %`;
}
