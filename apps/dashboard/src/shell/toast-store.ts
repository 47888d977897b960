import type { Problem } from '@vedette/contracts';
import { problemOf } from '../api/api-result.ts';

export type Toast =
  | { readonly id: number; readonly kind: 'problem'; readonly problem: Problem; readonly count: number }
  | { readonly id: number; readonly kind: 'done'; readonly text: string };

const MOST = 4;

/** Short messages at the edge of the page. The same problem again is counted, not stacked. */
export class ToastStore {
  readonly #listeners = new Set<() => void>();
  #toasts: readonly Toast[] = [];
  #lastId = 0;

  get toasts(): readonly Toast[] {
    return this.#toasts;
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  problem(problem: Problem): void {
    const same = this.#toasts.find(
      (toast) =>
        toast.kind === 'problem' &&
        toast.problem.code === problem.code &&
        toast.problem.detail === problem.detail,
    );
    const count = same?.kind === 'problem' ? same.count + 1 : 1;
    this.#push({ id: this.#nextId(), kind: 'problem', problem, count }, same?.id);
  }

  thrown(error: unknown): void {
    this.problem(problemOf(error));
  }

  done(text: string): void {
    this.#push({ id: this.#nextId(), kind: 'done', text });
  }

  dismiss(id: number): void {
    this.#set(this.#toasts.filter((toast) => toast.id !== id));
  }

  #nextId(): number {
    this.#lastId += 1;
    return this.#lastId;
  }

  #push(toast: Toast, replaces?: number): void {
    this.#set([...this.#toasts.filter(({ id }) => id !== replaces), toast].slice(-MOST));
  }

  #set(toasts: readonly Toast[]): void {
    this.#toasts = toasts;
    for (const listener of this.#listeners) listener();
  }
}
