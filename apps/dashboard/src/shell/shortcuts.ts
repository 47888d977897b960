// Keys without a modifier, as control rooms like them. In: key presses. Out: the one command they stand for.
// They rest while somebody types or a dialog is open, and can be switched off (WCAG 2.1.4).
import { useEffect, useRef } from 'react';
import { useChrome } from './chrome.ts';

/** Commands by key: `f`, `?`, `Delete`, `Shift+ArrowLeft`, or two keys in a row, `g w`. */
export type Shortcuts = Readonly<Record<string, () => void>>;

export interface PressedKey {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
  readonly shiftKey: boolean;
}

/** The name a shortcut is listed under; undefined for chords, which belong to the browser. */
export function shortcutName(pressed: PressedKey): string | undefined {
  if (pressed.ctrlKey || pressed.metaKey || pressed.altKey) return undefined;
  if (pressed.key.length === 1) return pressed.key.toLowerCase();
  return pressed.shiftKey ? `Shift+${pressed.key}` : pressed.key;
}

const STORAGE_KEY = 'vedette.shortcuts';
const SEQUENCE_MS = 1000;

/** Knows the commands of all that is mounted, so that a key means one thing however many parts listen. */
export class ShortcutStore {
  readonly #storage: Pick<Storage, 'getItem' | 'setItem'>;
  readonly #sets = new Set<() => Shortcuts>();
  #characters: boolean;
  #before: { readonly name: string; readonly atMs: number } | undefined;

  constructor(options: { storage: Pick<Storage, 'getItem' | 'setItem'> }) {
    this.#storage = options.storage;
    this.#characters = options.storage.getItem(STORAGE_KEY) !== 'off';
  }

  /** Whether single characters are commands; arrows, Enter, Escape and Delete always are. */
  get characters(): boolean {
    return this.#characters;
  }

  set characters(on: boolean) {
    this.#characters = on;
    this.#storage.setItem(STORAGE_KEY, on ? 'on' : 'off');
  }

  /** Later ones win; returns how to take them back. */
  add(shortcuts: () => Shortcuts): () => void {
    this.#sets.add(shortcuts);
    return () => this.#sets.delete(shortcuts);
  }

  /** The command that this key completes, if there is one. */
  press(name: string, atMs: number): (() => void) | undefined {
    if (name.length === 1 && name !== '?' && !this.#characters) return undefined;
    const before = this.#before;
    this.#before = { name, atMs };
    const all: Shortcuts = Object.assign({}, ...[...this.#sets].map((shortcuts) => shortcuts()));
    const sequence =
      before !== undefined && atMs - before.atMs < SEQUENCE_MS ? all[`${before.name} ${name}`] : undefined;
    return sequence ?? all[name];
  }
}

/** Commands that hold while the component is mounted. */
export function useShortcuts(shortcuts: Shortcuts): void {
  const { shortcuts: store } = useChrome();
  const latest = useRef(shortcuts);
  latest.current = shortcuts;
  useEffect(() => store.add(() => latest.current), [store]);
}

/** Hears the keys for all; once a page. */
export function useShortcutKeys(): void {
  const { shortcuts: store } = useChrome();
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      const name = shortcutName(event);
      if (name === undefined || event.defaultPrevented || isBusy(event.target, name)) return;
      const command = store.press(name, event.timeStamp);
      if (command === undefined) return;
      event.preventDefault();
      command();
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
