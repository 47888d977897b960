import { Lock } from 'lucide-react';
import { EmptyState } from '../ui/empty-state.tsx';

/** Reached by a typed address only; the bar does not lead here. */
export function NoPermissionPage() {
  return (
    <EmptyState icon={Lock} title="Not for your role" testId="no-permission">
      <p>An administrator can give you access to this page.</p>
    </EmptyState>
  );
}
