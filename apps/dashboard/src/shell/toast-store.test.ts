import type { Problem } from '@vedette/contracts';
import { describe, expect, it, vi } from 'vitest';
import { ToastStore } from './toast-store.ts';

const problem = (detail: string): Problem => ({
  type: '',
  title: 'No',
  status: 503,
  detail,
  code: 'no_node',
});

describe('messages at the edge', () => {
  it('count the same problem instead of stacking it', () => {
    const store = new ToastStore();
    store.problem(problem('a'));
    store.done('Saved.');
    store.problem(problem('a'));
    expect(store.toasts.map((toast) => (toast.kind === 'problem' ? toast.count : toast.text))).toEqual([
      'Saved.',
      2,
    ]);
  });

  it('are never more than four, the newest stay', () => {
    const store = new ToastStore();
    for (const detail of 'abcdef') store.problem(problem(detail));
    expect(store.toasts.map((toast) => (toast.kind === 'problem' ? toast.problem.detail : ''))).toEqual([
      'c',
      'd',
      'e',
      'f',
    ]);
  });

  it('go when dismissed, and listeners hear of it', () => {
    const store = new ToastStore();
    const listener = vi.fn();
    store.subscribe(listener);
    store.thrown(new Error('broken'));
    store.dismiss(store.toasts[0]?.id ?? 0);
    expect(store.toasts).toEqual([]);
    expect(listener).toHaveBeenCalledTimes(2);
  });
});
