// Keys without a modifier, as control rooms like them. In: key presses. Out: the one command they stand for.
// They rest while somebody types or a dialog is open, and can be switched off (WCAG 2.1.4).
import { useEffect, useRef } from 'react';
import { useChrome } from './chrome.ts';

export type Shortcuts = Readonly<Record<string, (event: KeyboardEvent) => void>>;

export interface PressedKey {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
  readonly shiftKey: boolean;
}

/** The name a shortcut is listed under: `f`, `?`, `Delete`, `Shift+ArrowLeft`; undefined for other chords. */
export function shortcutName(pressed: PressedKey): string | undefined {
  if (pressed.ctrlKey || pressed.metaKey || pressed.altKey) return undefined;
  const printable = pressed.key.length === 1;
  if (printable) return pressed.key.toLowerCase();
  return pressed.shiftKey ? `Shift+${pressed.key}` : pressed.key;
}

/** A printable character is a single-key shortcut; Escape, arrows and Delete are not. */
export function isCharacter(name: string): boolean {
  return name.length === 1;
}

const STORAGE_KEY = 'vedette.shortcuts';

export class ShortcutStore {
  readonly #storage: Pick<Storage, 'getItem' | 'setItem'>;
  #characters: boolean;

  constructor(options: { storage: Pick<Storage, 'getItem' | 'setItem'> }) {
    this.#storage = options.storage;
    this.#characters = options.storage.getItem(STORAGE_KEY) !== 'off';
  }

  /** Whether single-key shortcuts are on. */
  get characters(): boolean {
    return this.#characters;
  }

  set characters(on: boolean) {
    this.#characters = on;
    this.#storage.setItem(STORAGE_KEY, on ? 'on' : 'off');
  }
}

/** Listens while the component is mounted; two-key sequences are written `g w`. */
export function useShortcuts(shortcuts: Shortcuts): void {
  const { shortcuts: store } = useChrome();
  const latest = useRef(shortcuts);
  latest.current = shortcuts;
  useEffect(() => {
    let before: { readonly name: string; readonly at: number } | undefined;
    const press = (event: KeyboardEvent) => {
      const name = shortcutName(event);
      if (name === undefined || event.defaultPrevented || isBusy(event.target, name)) return;
      if (isCharacter(name) && !store.characters && name !== '?') return;
      const sequence =
        before !== undefined && event.timeStamp - before.at < 1000 ? `${before.name} ${name}` : name;
      before = { name, at: event.timeStamp };
      const command = latest.current[sequence] ?? latest.current[name];
      if (command === undefined) return;
      event.preventDefault();
      command(event);
    };
    window.addEventListener('keydown', press);
    return () => window.removeEventListener('keydown', press);
  }, [store]);
}

function isBusy(target: EventTarget | null, name: string): boolean {
  if (document.querySelector('dialog[open]') !== null) return true;
  if (!(target instanceof HTMLElement)) return false;
  if (target.closest('input, textarea, select, [role="menu"]') !== null) return true;
  return name === 'Enter' && target.closest('button, a') !== null;
}
