import type { Discovery } from '@vedette/contracts';
import { count, searchShare, searchWords } from './found-words.ts';

/** How far a search is, and what could not be asked. */
export function SearchProgress(props: {
  readonly search: Discovery;
  /** How many of the devices are cameras already. */
  readonly known: number;
  readonly hidesKnown: boolean;
  readonly onHideKnown: (hide: boolean) => void;
}) {
  const { search } = props;
  const share = searchShare(search);
  const running = search.state === 'running';
  return (
    <div className="shrink-0 border-b px-6 py-3" data-testid="discovery-progress" data-state={search.state}>
      <div className="flex items-center gap-4">
        <p role="status" className="min-w-0 flex-1 text-muted">
          {searchWords(search)}
        </p>
        {(props.known > 0 || props.hidesKnown) && (
          <label className="flex cursor-pointer items-center gap-2 text-muted">
            <input
              type="checkbox"
              className="size-4 accent-accent"
              checked={props.hidesKnown}
              onChange={(event) => props.onHideKnown(event.target.checked)}
              data-testid="discovery-hide-known"
            />
            Hide {count(props.known, 'known camera')}
          </label>
        )}
      </div>
      {running && (
        <div
          role="progressbar"
          aria-label="Search"
          aria-valuemin={0}
          aria-valuemax={100}
          aria-valuenow={share === undefined ? undefined : Math.round(share * 100)}
          className="mt-2 h-1 overflow-hidden rounded-full bg-line"
        >
          <div
            className={
              share === undefined
                ? 'h-full w-full rounded-full bg-busy opacity-60 motion-safe:animate-pulse'
                : 'h-full rounded-full bg-busy transition-[width]'
            }
            style={share === undefined ? undefined : { width: `${share * 100}%` }}
          />
        </div>
      )}
      {search.notes.map((note) => (
        <p key={note} className="mt-1 text-xs text-warn">
          {note}
        </p>
      ))}
    </div>
  );
}
