import type { Clock } from '@vedette/runtime';
import type { RtspConnection, RtspResponse } from './rtsp-connection.ts';

const MAX_KEEP_ALIVE_MS = 30_000;
type Method = 'OPTIONS' | 'GET_PARAMETER' | 'SET_PARAMETER';

/**
 * Keeps the session, and never waits for the answers. OPTIONS first, whose answer tells what the camera knows;
 * GET_PARAMETER from then on where it is known, since it is what names the session to all cameras (RFC 2326 section
 * 10.8). A method that is refused is not used again while there is another.
 */
export function keepAlive(
  connection: RtspConnection,
  url: string,
  sessionSeconds: number,
  clock: Clock,
): () => void {
  const everyMs = Math.min((sessionSeconds * 1000) / 2, MAX_KEEP_ALIVE_MS);
  const choice = new KeepAliveMethod();
  let cancel: () => void;
  const again = () => {
    cancel = clock.after(everyMs, () => {
      const method = choice.method;
      connection
        .request({ method, url, step: 'media' })
        .then((response) => choice.answered(method, response))
        .catch(() => undefined);
      again();
    });
  };
  again();
  return () => cancel();
}

export class KeepAliveMethod {
  #method: Method = 'OPTIONS';
  /** What the camera says that it knows; undefined before it said anything. */
  #known: readonly string[] | undefined;
  readonly #refused = new Set<Method>();

  get method(): Method {
    return this.#method;
  }

  answered(method: Method, response: Pick<RtspResponse, 'status' | 'headers'>): void {
    const named = response.headers.get('public')?.join(',');
    if (named !== undefined) this.#known = named.split(/[\s,]+/).map((one) => one.toUpperCase());
    if ([405, 454, 501].includes(response.status)) this.#refused.add(method);
    this.#method = this.#best();
  }

  #best(): Method {
    const usable = (['GET_PARAMETER', 'OPTIONS', 'SET_PARAMETER'] as const).filter(
      (method) => !this.#refused.has(method),
    );
    const known = usable.find((method) => this.#known?.includes(method));
    if (known !== undefined) return known;
    // A camera that says nothing of itself: what it took so far, else anything.
    return usable.includes('OPTIONS') ? 'OPTIONS' : (usable[0] ?? 'OPTIONS');
  }
}
