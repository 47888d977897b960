import { Link } from '@tanstack/react-router';
import { useMay } from '../../shell/use-may.ts';

const TAB =
  'flex h-7 items-center rounded-sm px-3 text-sm text-muted hover:text-text aria-[current=page]:bg-hover aria-[current=page]:font-medium aria-[current=page]:text-text';

/** People, and the programs that have a key of their own. */
export function PeopleTabs() {
  const mayTokens = useMay('token.manage');
  if (!mayTokens) return null;
  return (
    <nav aria-label="People and programs" className="flex rounded-md border border-line-strong bg-bg p-0.5">
      <Link to="/users" className={TAB}>
        People
      </Link>
      <Link to="/tokens" className={TAB} data-testid="tab-tokens">
        API tokens
      </Link>
    </nav>
  );
}
