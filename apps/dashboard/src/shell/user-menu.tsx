import { Check, KeyRound, LogOut } from 'lucide-react';
import { DropdownMenu as Menu } from 'radix-ui';
import { useState } from 'react';
import { useServices } from '../api/services.ts';
import type { Person } from '../api/session-store.ts';
import { useChrome } from './chrome.ts';
import { PasswordDialog } from './password-dialog.tsx';
import { THEMES, useTheme } from './theme.ts';

const ITEM =
  'flex h-8 cursor-default items-center gap-2.5 rounded-sm px-2 outline-none data-highlighted:bg-hover select-none';
const THEME_NAMES = { dark: 'Dark', light: 'Light', system: 'As the system' } as const;

/** Who I am, my password, light or dark, and the way out. */
export function UserMenu({ person }: { readonly person: Person }) {
  const { api, session } = useServices();
  const { theme: themeStore, toasts } = useChrome();
  const theme = useTheme(themeStore);
  const [changingPassword, setChangingPassword] = useState(false);
  const signOut = async () => {
    const result = await api.signOut();
    // Without an answer the cookie may live on: saying "signed out" would be wrong.
    if (result.ok || result.problem.status === 401) session.signedOut();
    else toasts.problem(result.problem);
  };
  return (
    <>
      <Menu.Root modal={false}>
        <Menu.Trigger
          data-testid="user-menu"
          aria-label={`${person.name}, account and theme`}
          className="ml-1 flex size-8 items-center justify-center rounded-full bg-accent-soft text-xs font-semibold text-accent uppercase hover:brightness-110"
        >
          {[...person.name].slice(0, 2).join('')}
        </Menu.Trigger>
        <Menu.Portal>
          <Menu.Content
            align="end"
            sideOffset={6}
            className="z-50 w-56 rounded-lg border border-line-strong bg-raised p-1 shadow-xl"
          >
            <div className="px-2 py-1.5">
              <p className="truncate font-medium">{person.name}</p>
              <p className="text-xs text-faint">{person.role}</p>
            </div>
            <Menu.Separator className="my-1 border-t" />
            <Menu.RadioGroup value={theme}>
              <Menu.Label className="px-2 pt-1 pb-0.5 text-xs text-faint">Theme</Menu.Label>
              {THEMES.map((one) => (
                <Menu.RadioItem
                  key={one}
                  value={one}
                  data-testid={`theme-${one}`}
                  className={ITEM}
                  onSelect={(event) => {
                    event.preventDefault();
                    themeStore.set(one);
                  }}
                >
                  <span className="flex-1">{THEME_NAMES[one]}</span>
                  <Menu.ItemIndicator>
                    <Check aria-hidden className="size-4 text-accent" />
                  </Menu.ItemIndicator>
                </Menu.RadioItem>
              ))}
            </Menu.RadioGroup>
            <Menu.Separator className="my-1 border-t" />
            <Menu.Item className={ITEM} onSelect={() => setChangingPassword(true)}>
              <KeyRound aria-hidden className="size-4 text-faint" strokeWidth={1.75} />
              Change password
            </Menu.Item>
            <Menu.Item className={ITEM} data-testid="sign-out" onSelect={() => void signOut()}>
              <LogOut aria-hidden className="size-4 text-faint" strokeWidth={1.75} />
              Sign out
            </Menu.Item>
          </Menu.Content>
        </Menu.Portal>
      </Menu.Root>
      {changingPassword && <PasswordDialog onClose={() => setChangingPassword(false)} />}
    </>
  );
}
