import type { PlayerApi } from './player-api.ts';

/** Control at `base` (empty: this page's own origin), with a bearer where there is one. */
export function bearerApi(base: string, token: string | null): PlayerApi {
  const origin = base.replace(/\/+$/, '');
  return {
    fetch(path, init) {
      const headers = new Headers(init.headers);
      if (token !== null) headers.set('authorization', `Bearer ${token}`);
      return fetch(origin + path, { ...init, headers });
    },
  };
}
