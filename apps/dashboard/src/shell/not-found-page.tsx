import { Link } from '@tanstack/react-router';
import { Compass } from 'lucide-react';
import { EmptyState } from '../ui/empty-state.tsx';

export function NotFoundPage() {
  return (
    <EmptyState icon={Compass} title="There is nothing at this address" testId="not-found">
      <p>
        The page may have moved, or the link is incomplete.{' '}
        <Link to="/" className="text-accent underline underline-offset-2">
          Go to the wall
        </Link>
      </p>
    </EmptyState>
  );
}
