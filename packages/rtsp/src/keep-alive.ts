import type { Clock } from '@vedette/runtime';
import type { RtspConnection } from './rtsp-connection.ts';

const MAX_KEEP_ALIVE_MS = 30_000;

/** Keeps the session, never waits for the answers, and takes the other method when one is not known. */
export function keepAlive(
  connection: RtspConnection,
  url: string,
  sessionSeconds: number,
  clock: Clock,
): () => void {
  const everyMs = Math.min((sessionSeconds * 1000) / 2, MAX_KEEP_ALIVE_MS);
  let method = 'OPTIONS';
  let cancel: () => void;
  const again = () => {
    cancel = clock.after(everyMs, () => {
      connection
        .request({ method, url, step: 'media' })
        .then((response) => {
          if ([405, 454, 501].includes(response.status))
            method = method === 'OPTIONS' ? 'GET_PARAMETER' : 'OPTIONS';
        })
        .catch(() => undefined);
      again();
    });
  };
  again();
  return () => cancel();
}
