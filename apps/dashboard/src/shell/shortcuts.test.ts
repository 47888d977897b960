import { describe, expect, it } from 'vitest';
import { ShortcutStore, shortcutName } from './shortcuts.ts';

const plain = { ctrlKey: false, metaKey: false, altKey: false, shiftKey: false };
function keptIn(kept = new Map<string, string>()) {
  return {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
  };
}

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
});

describe('shortcuts', () => {
  const c = () => undefined;
  const goToCameras = () => undefined;

  it('of two keys win over the second key alone, wherever they were declared', () => {
    const store = new ShortcutStore({ storage: keptIn() });
    store.add(() => ({ 'g c': goToCameras }));
    store.add(() => ({ c }));
    expect(store.press('g', 0)).toBeUndefined();
    expect(store.press('c', 200)).toBe(goToCameras);
  });

  it('of two keys need the second within a second', () => {
    const store = new ShortcutStore({ storage: keptIn() });
    store.add(() => ({ 'g c': goToCameras, c }));
    store.press('g', 0);
    expect(store.press('c', 1500)).toBe(c);
  });

  it('end with the part of the page that declared them', () => {
    const store = new ShortcutStore({ storage: keptIn() });
    const remove = store.add(() => ({ c }));
    remove();
    expect(store.press('c', 0)).toBeUndefined();
  });

  it('of single characters can be switched off and stay off, but for the list of them', () => {
    const storage = keptIn();
    const store = new ShortcutStore({ storage });
    store.characters = false;
    const again = new ShortcutStore({ storage });
    again.add(() => ({ c, '?': c, Delete: c }));
    expect(again.characters).toBe(false);
    expect(again.press('c', 0)).toBeUndefined();
    expect(again.press('?', 0)).toBe(c);
    expect(again.press('Delete', 0)).toBe(c);
  });
});
