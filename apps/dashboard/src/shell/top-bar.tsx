import { Link } from '@tanstack/react-router';
import { Keyboard } from 'lucide-react';
import type { Person } from '../api/session-store.ts';
import { IconButton } from '../ui/button.tsx';
import { Brand } from './brand.tsx';
import { Connection } from './connection.tsx';
import { destinationsFor } from './destinations.ts';
import { UserMenu } from './user-menu.tsx';

export function TopBar(props: { readonly person: Person; readonly onShortcuts: () => void }) {
  return (
    <header className="flex h-12 shrink-0 items-center gap-1 border-b bg-surface px-3">
      <Link to="/" className="rounded-md px-1 py-1" aria-label="Vedette, to the wall">
        <Brand />
      </Link>
      <nav
        aria-label="Pages"
        className="ml-4 flex h-full min-w-0 items-stretch gap-0.5 overflow-x-auto overflow-y-hidden [scrollbar-width:none]"
      >
        {destinationsFor(props.person).map(({ to, label }) => (
          <Link
            key={to}
            to={to}
            activeOptions={{ exact: to === '/' }}
            data-testid={`nav-${label.toLowerCase()}`}
            className="relative flex items-center rounded-md px-2.5 text-muted hover:text-text focus-visible:-outline-offset-2 aria-[current=page]:text-text aria-[current=page]:after:absolute aria-[current=page]:after:inset-x-2.5 aria-[current=page]:after:bottom-0 aria-[current=page]:after:h-0.5 aria-[current=page]:after:bg-accent"
          >
            {label}
          </Link>
        ))}
      </nav>
      <div className="flex-1" />
      <Connection />
      <IconButton
        label="Keyboard"
        shortcut="?"
        icon={Keyboard}
        onClick={props.onShortcuts}
        data-testid="open-shortcuts"
      />
      <UserMenu person={props.person} />
    </header>
  );
}
