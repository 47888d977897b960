import { createContext, useContext } from 'react';
import type { ShortcutStore } from './shortcuts.ts';
import type { ThemeStore } from './theme.ts';
import type { ToastStore } from './toast-store.ts';

/** What surrounds the pages: made once in main.tsx. */
export interface Chrome {
  readonly theme: ThemeStore;
  readonly toasts: ToastStore;
  readonly shortcuts: ShortcutStore;
}

export const ChromeContext = createContext<Chrome | undefined>(undefined);

export function useChrome(): Chrome {
  const chrome = useContext(ChromeContext);
  if (chrome === undefined) throw new Error('a component outside of ChromeContext');
  return chrome;
}

export function useToasts(): ToastStore {
  return useChrome().toasts;
}
