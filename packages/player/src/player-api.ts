/** The player's way to control; the page adds what it authenticates with (cookie and CSRF header, or a bearer). */
export interface PlayerApi {
  /** `path` begins with `/api/v1/`; rejects as `fetch` does. */
  fetch(path: string, init: RequestInit): Promise<Response>;
}
