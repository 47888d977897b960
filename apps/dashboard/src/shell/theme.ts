import { useSyncExternalStore } from 'react';

export const THEMES = ['dark', 'light', 'system'] as const;
export type Theme = (typeof THEMES)[number];

const STORAGE_KEY = 'vedette.theme';

export interface ThemeStoreOptions {
  readonly storage: Pick<Storage, 'getItem' | 'setItem'>;
  readonly prefersLight: Pick<MediaQueryList, 'matches' | 'addEventListener'>;
  /** Draws the page in it. */
  readonly apply: (theme: 'dark' | 'light') => void;
}

/** Dark unless somebody chose otherwise: the room is dark, whatever the machine is set to. */
export class ThemeStore {
  readonly #options: ThemeStoreOptions;
  readonly #listeners = new Set<() => void>();
  #theme: Theme;

  constructor(options: ThemeStoreOptions) {
    this.#options = options;
    const kept = options.storage.getItem(STORAGE_KEY);
    this.#theme = THEMES.find((theme) => theme === kept) ?? 'dark';
    options.prefersLight.addEventListener('change', () => this.#apply());
    this.#apply();
  }

  get theme(): Theme {
    return this.#theme;
  }

  set(theme: Theme): void {
    this.#theme = theme;
    this.#options.storage.setItem(STORAGE_KEY, theme);
    this.#apply();
    for (const listener of this.#listeners) listener();
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #apply(): void {
    this.#options.apply(shownTheme(this.#theme, this.#options.prefersLight.matches));
  }
}

export function shownTheme(theme: Theme, prefersLight: boolean): 'dark' | 'light' {
  if (theme !== 'system') return theme;
  return prefersLight ? 'light' : 'dark';
}

export function useTheme(store: ThemeStore): Theme {
  return useSyncExternalStore(
    (listener) => store.subscribe(listener),
    () => store.theme,
  );
}
