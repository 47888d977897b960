// Who is signed in, from the first moment of the page: the remembered user until control has answered `me`.
// In: answers of `me`, sign-in, sign-out. Out: a state that components subscribe to, and the CSRF token.
import type { Me } from '@vedette/contracts';
import type { ApiResult } from './api-result.ts';

export type Person = Omit<Me, 'csrfToken'>;

export type SessionState =
  /** Control has not answered yet; `person` is who used this browser last, shown meanwhile. */
  | { readonly status: 'unknown'; readonly person: Person | null }
  | { readonly status: 'signed-in'; readonly person: Person; readonly csrfToken: string }
  | { readonly status: 'signed-out' };

export interface SessionStoreOptions {
  readonly storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;
  /** GET /api/v1/me; must not report 401 back to this store. */
  readonly fetchMe: () => Promise<ApiResult<Me>>;
}

const STORAGE_KEY = 'vedette.person';

export class SessionStore {
  readonly #options: SessionStoreOptions;
  readonly #listeners = new Set<() => void>();
  #state: SessionState;
  #asking: Promise<void> | undefined;

  constructor(options: SessionStoreOptions) {
    this.#options = options;
    this.#state = { status: 'unknown', person: parsePerson(options.storage.getItem(STORAGE_KEY)) };
  }

  get state(): SessionState {
    return this.#state;
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Asks control who is signed in; simultaneous callers share one question. */
  refresh(): Promise<void> {
    this.#asking ??= this.#ask().finally(() => {
      this.#asking = undefined;
    });
    return this.#asking;
  }

  async csrfToken(fresh: boolean): Promise<string | undefined> {
    if (fresh || this.#state.status === 'unknown') await this.refresh();
    return this.#state.status === 'signed-in' ? this.#state.csrfToken : undefined;
  }

  signedIn(me: Me): void {
    const { csrfToken, ...person } = me;
    this.#options.storage.setItem(STORAGE_KEY, JSON.stringify(person));
    const before = this.#state.status === 'signed-out' ? null : this.#state.person;
    // The same object for the same person, so that nothing is drawn again for a mere confirmation.
    const kept = before !== null && samePerson(before, person) ? before : person;
    this.#set({ status: 'signed-in', person: kept, csrfToken });
  }

  signedOut(): void {
    this.#options.storage.removeItem(STORAGE_KEY);
    if (this.#state.status !== 'signed-out') this.#set({ status: 'signed-out' });
  }

  async #ask(): Promise<void> {
    const result = await this.#options.fetchMe();
    if (result.ok) this.signedIn(result.value);
    else if (result.problem.status === 401) this.signedOut();
    // Control away: whoever was signed in still is, and running pictures go on.
    else if (this.#state.status === 'unknown' && this.#state.person === null) this.signedOut();
  }

  #set(state: SessionState): void {
    this.#state = state;
    for (const listener of this.#listeners) listener();
  }
}

function samePerson(a: Person, b: Person): boolean {
  return textOf(a) === textOf(b);
}

function textOf({ id, name, permissions, role, tenantId, tenantName }: Person): string {
  return JSON.stringify([id, name, role, tenantId, tenantName, permissions]);
}

function parsePerson(text: string | null): Person | null {
  if (text === null) return null;
  try {
    const value: unknown = JSON.parse(text);
    return isPerson(value) ? value : null;
  } catch {
    return null;
  }
}

/** By hand: this is read before the first paint, and the schemas would weigh more than all else. */
function isPerson(value: unknown): value is Person {
  if (typeof value !== 'object' || value === null || !('permissions' in value)) return false;
  const { permissions, ...texts }: { permissions: unknown } & Readonly<Record<string, unknown>> = value;
  return (
    ['id', 'name', 'role', 'tenantId', 'tenantName'].every((name) => typeof texts[name] === 'string') &&
    Array.isArray(permissions)
  );
}
