import type { Discovery } from '@vedette/contracts';
import { searchShare, searchWords } from './found-words.ts';

/** How far a search is, and what could not be asked. */
export function SearchProgress({ search }: { readonly search: Discovery }) {
  const share = searchShare(search);
  const running = search.state === 'running';
  return (
    <div className="shrink-0 border-b px-6 py-3" data-testid="discovery-progress" data-state={search.state}>
      <p role="status" className="text-muted">
        {searchWords(search)}
      </p>
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
