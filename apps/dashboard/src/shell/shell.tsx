// The frame of every page for who is signed in: bar, page, messages. Pages bring their own headings.
import { Outlet, useNavigate } from '@tanstack/react-router';
import { Tooltip } from 'radix-ui';
import { useState } from 'react';
import { useSession } from '../api/services.ts';
import type { Person } from '../api/session-store.ts';
import { ConnectionBanner } from './connection.tsx';
import { destinationsFor } from './destinations.ts';
import { type Shortcuts, useShortcutKeys, useShortcuts } from './shortcuts.ts';
import { ShortcutsDialog } from './shortcuts-dialog.tsx';
import { SignInGate } from './sign-in-gate.tsx';
import { Toasts } from './toasts.tsx';
import { TopBar } from './top-bar.tsx';
import { useFullScreen } from './use-full-screen.ts';

/** Shows the sign-in page in place of any page while nobody is signed in; afterwards the wanted page appears. */
export function Root() {
  const session = useSession();
  return (
    <Tooltip.Provider delayDuration={400} skipDelayDuration={200} disableHoverableContent>
      {session.status === 'signed-out' ? (
        <SignInGate />
      ) : session.person === null ? null : (
        <Shell person={session.person} />
      )}
      <Toasts />
    </Tooltip.Provider>
  );
}

function Shell({ person }: { readonly person: Person }) {
  const [help, setHelp] = useState(false);
  const fullScreen = useFullScreen();
  const navigate = useNavigate();
  const shortcuts: Shortcuts = {
    '?': () => setHelp(true),
    ...Object.fromEntries(
      destinationsFor(person).map(({ key, to }) => [`g ${key}`, () => void navigate({ to })]),
    ),
  };
  useShortcuts(shortcuts);
  useShortcutKeys();
  return (
    <div className="relative flex h-full flex-col">
      {!fullScreen.on && <TopBar person={person} onShortcuts={() => setHelp(true)} />}
      <ConnectionBanner />
      {/* Another person is another wall and other lists: nothing of the one before is kept on the page. */}
      <div key={person.id} className="min-h-0 flex-1">
        <Outlet />
      </div>
      {help && <ShortcutsDialog onClose={() => setHelp(false)} />}
    </div>
  );
}
