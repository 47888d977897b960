import { describe, expect, it } from 'vitest';
import { ThemeStore } from './theme.ts';

function open(kept: string | null, systemIsLight: boolean) {
  const applied: string[] = [];
  const saved = new Map<string, string | null>([['vedette.theme', kept]]);
  const store = new ThemeStore({
    storage: {
      getItem: (key) => saved.get(key) ?? null,
      setItem: (key, value) => void saved.set(key, value),
    },
    prefersLight: { matches: systemIsLight, addEventListener: () => undefined },
    apply: (theme) => applied.push(theme),
  });
  return { store, applied, saved: () => saved.get('vedette.theme') };
}

describe('the theme', () => {
  it('is dark unless chosen otherwise, whatever the machine is set to', () => {
    expect(open(null, true).applied).toEqual(['dark']);
    expect(open('nonsense', true).applied).toEqual(['dark']);
  });

  it('follows the machine when that was chosen', () => {
    expect(open('system', true).applied).toEqual(['light']);
    expect(open('system', false).applied).toEqual(['dark']);
  });

  it('is kept', () => {
    const { store, applied, saved } = open(null, false);
    store.set('light');
    expect(applied).toEqual(['dark', 'light']);
    expect(saved()).toBe('light');
  });
});
