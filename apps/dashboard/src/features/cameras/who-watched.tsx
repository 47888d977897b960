import { Link } from '@tanstack/react-router';
import type { CameraId } from '@vedette/contracts';
import { localDay } from '../audit/audit-days.ts';

const DAYS = [
  { label: 'Today', later: 0 },
  { label: 'Yesterday', later: -1 },
] as const;

/** One press to who has watched a camera on a day. */
export function WhoWatched({ id }: { readonly id: CameraId }) {
  return (
    <section>
      <h3 className="mb-1.5 text-xs font-semibold text-faint">Who watched it</h3>
      <p className="flex gap-2 border-t pt-2.5">
        {DAYS.map(({ label, later }) => {
          const day = localDay(Date.now(), later);
          return (
            <Link
              key={label}
              to="/audit"
              search={{ kind: 'view-started', camera: id, from: day, to: day }}
              className="inline-flex h-8 items-center rounded-md border border-line-strong bg-raised px-3 text-sm hover:bg-hover"
              data-testid={`watched-${label.toLowerCase()}`}
            >
              {label}
            </Link>
          );
        })}
      </p>
    </section>
  );
}
