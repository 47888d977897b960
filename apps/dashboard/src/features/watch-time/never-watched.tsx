import { Link } from '@tanstack/react-router';
import type { CameraUse } from '@vedette/contracts';
import { Eye } from 'lucide-react';
import { EmptyState } from '../../ui/empty-state.tsx';

/** Cameras that nobody looked at: perhaps they can go, perhaps somebody should. */
export function NeverWatched({ cameras }: { readonly cameras: readonly CameraUse[] }) {
  if (cameras.length === 0)
    return (
      <EmptyState icon={Eye} title="Every camera was watched in that time">
        <p>A view counts once it has ended.</p>
      </EmptyState>
    );
  return (
    <>
      <p className="px-6 py-3 text-muted">
        {cameras.length === 500
          ? 'The first 500 cameras'
          : `${cameras.length} ${cameras.length === 1 ? 'camera' : 'cameras'}`}{' '}
        that nobody watched in that time.
      </p>
      <ul className="border-t" data-testid="never-watched">
        {cameras.map(({ cameraId, name }) => (
          <li key={cameraId} className="flex h-11 items-center border-b px-6">
            <Link
              to="/cameras"
              search={{ camera: cameraId }}
              className="rounded-sm font-medium underline decoration-line-strong underline-offset-4 hover:decoration-current"
            >
              {name}
            </Link>
          </li>
        ))}
      </ul>
    </>
  );
}
