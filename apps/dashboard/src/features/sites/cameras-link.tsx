import { Link } from '@tanstack/react-router';
import type { CameraFilter } from '../../api/vedette-api.ts';

/** How many cameras, and the way to them. */
export function CamerasLink(props: {
  readonly count: number;
  readonly filter: CameraFilter & { q?: string };
}) {
  return (
    <Link
      to="/cameras"
      search={props.filter}
      className="rounded-sm text-text underline decoration-line-strong underline-offset-4 hover:decoration-current"
    >
      {props.count}
    </Link>
  );
}
