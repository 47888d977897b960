// In: a method, a path and a body. Out: a value or a problem, always one of the two.
// Adds the CSRF token to changes, asks for a fresh one once when control refuses it, and reports a lost sign-in.
// What the answers mean is not its job.
import type { Problem } from '@vedette/contracts';
import type { ApiResult } from './api-result.ts';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

export interface HttpClientOptions {
  readonly fetch: typeof fetch;
  /** Resolves to the token of the signed-in user; `fresh` asks control again. Undefined while signed out. */
  readonly csrfToken: (fresh: boolean) => Promise<string | undefined>;
  /** Control answered 401 to a call that was made signed in. */
  readonly onUnauthenticated: () => void;
}

export interface CallOptions {
  readonly body?: unknown;
  readonly query?: Readonly<Record<string, string | number | undefined>>;
  readonly signal?: AbortSignal | undefined;
  /** Sign-in and the first `me` handle 401 by themselves and have no token yet. */
  readonly anonymous?: boolean;
  readonly headers?: Readonly<Record<string, string>>;
}

export class HttpClient {
  readonly #options: HttpClientOptions;

  constructor(options: HttpClientOptions) {
    this.#options = options;
  }

  /** Same-origin call; rejects only with the signal's reason. */
  async call<T>(method: Method, path: string, options: CallOptions = {}): Promise<ApiResult<T>> {
    const first = await this.#attempt<T>(method, path, options, false);
    if (first.ok || first.problem.code !== 'csrf_rejected' || options.anonymous === true) return first;
    return this.#attempt<T>(method, path, options, true);
  }

  /** As `fetch`, with what control wants to see; for the player, which reads answers by itself. */
  async fetch(path: string, init: RequestInit): Promise<Response> {
    const attempt = async (fresh: boolean) => {
      const headers = new Headers(init.headers);
      const token = await this.#options.csrfToken(fresh);
      if (token !== undefined) headers.set('x-csrf-token', token);
      return this.#options.fetch(path, { ...init, headers, credentials: 'same-origin' });
    };
    const response = await attempt(false);
    if (response.status === 401) this.#options.onUnauthenticated();
    if (response.status !== 403) return response;
    const problem = await readProblem(response.clone());
    return problem.code === 'csrf_rejected' ? attempt(true) : response;
  }

  async #attempt<T>(
    method: Method,
    path: string,
    options: CallOptions,
    freshToken: boolean,
  ): Promise<ApiResult<T>> {
    const headers: Record<string, string> = { accept: 'application/json', ...options.headers };
    if (options.body !== undefined) headers['content-type'] = 'application/json';
    if (method !== 'GET' && options.anonymous !== true) {
      const token = await this.#options.csrfToken(freshToken);
      if (token !== undefined) headers['x-csrf-token'] = token;
    }
    let response: Response;
    try {
      response = await this.#options.fetch(`${path}${queryString(options.query)}`, {
        method,
        headers,
        credentials: 'same-origin',
        ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
        ...(options.signal === undefined ? {} : { signal: options.signal }),
      });
    } catch (error) {
      if (options.signal?.aborted === true) throw error;
      return { ok: false, problem: UNREACHABLE };
    }
    if (!response.ok) {
      if (response.status === 401 && options.anonymous !== true) this.#options.onUnauthenticated();
      return { ok: false, problem: await readProblem(response) };
    }
    if (response.status === 204) return { ok: true, value: undefined as T };
    try {
      return { ok: true, value: (await response.json()) as T };
    } catch {
      return { ok: false, problem: notUnderstood(response) };
    }
  }
}

export function queryString(query: CallOptions['query']): string {
  const pairs = Object.entries(query ?? {}).flatMap(([key, value]) =>
    value === undefined || value === '' ? [] : [[key, String(value)]],
  );
  return pairs.length === 0 ? '' : `?${new URLSearchParams(pairs).toString()}`;
}

const UNREACHABLE: Problem = {
  type: 'about:blank',
  title: 'Control cannot be reached',
  status: 0,
  detail: 'Running pictures go on. Check the network; the page reconnects by itself.',
  code: 'unavailable',
};

async function readProblem(response: Response): Promise<Problem> {
  try {
    const body: unknown = await response.json();
    if (isProblem(body)) return body;
  } catch {
    // A proxy's error page: its status is all that can be told.
  }
  return notUnderstood(response);
}

function isProblem(body: unknown): body is Problem {
  return typeof body === 'object' && body !== null && 'code' in body && 'title' in body && 'detail' in body;
}

function notUnderstood(response: Response): Problem {
  const requestId = response.headers.get('x-request-id');
  return {
    type: 'about:blank',
    title: 'The answer could not be understood',
    status: response.status,
    detail: `Something between this page and control answered ${response.status}.`,
    code: response.status >= 500 || response.ok ? 'unavailable' : 'invalid_request',
    ...(requestId === null ? {} : { requestId }),
  };
}
