import { describe, expect, it } from 'vitest';
import { ShortcutStore, shortcutName } from './shortcuts.ts';

const plain = { ctrlKey: false, metaKey: false, altKey: false, shiftKey: false };

describe('keys', () => {
  it('are named by their character, whatever shift made of it', () => {
    expect(shortcutName({ ...plain, key: 'F', shiftKey: true })).toBe('f');
    expect(shortcutName({ ...plain, key: '?', shiftKey: true })).toBe('?');
  });

  it('with shift differ only where they are no characters', () => {
    expect(shortcutName({ ...plain, key: 'ArrowLeft' })).toBe('ArrowLeft');
    expect(shortcutName({ ...plain, key: 'ArrowLeft', shiftKey: true })).toBe('Shift+ArrowLeft');
  });

  it('belong to the browser when a modifier is held', () => {
    expect(shortcutName({ ...plain, key: 'f', ctrlKey: true })).toBeUndefined();
    expect(shortcutName({ ...plain, key: 'f', metaKey: true })).toBeUndefined();
    expect(shortcutName({ ...plain, key: '1', altKey: true })).toBeUndefined();
  });

  it('without a modifier can be switched off, and stay off', () => {
    const kept = new Map<string, string>();
    const storage = {
      getItem: (key: string) => kept.get(key) ?? null,
      setItem: (key: string, value: string) => void kept.set(key, value),
    };
    const store = new ShortcutStore({ storage });
    expect(store.characters).toBe(true);
    store.characters = false;
    expect(new ShortcutStore({ storage }).characters).toBe(false);
  });
});
