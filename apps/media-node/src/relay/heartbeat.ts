import type { Http2Session } from 'node:http2';
import type { TLSSocket } from 'node:tls';
import type { Clock } from '@vedette/runtime';

const BEAT_MS = 1000;
/** Whoever lives answers each beat. On a full line the answer comes late, but something comes all the time. */
const SILENCE_MS = 3000;

/** Ends a session from whose other side nothing is heard any more; the session must end for it to stop. */
export function keepHeartbeat(session: Http2Session, socket: TLSSocket, clock: Clock): void {
  let heardBytes = socket.bytesRead;
  let heardAt = clock.now();
  let due = heardAt + BEAT_MS;
  const beat = () => {
    if (session.destroyed) return;
    const now = clock.now();
    // While this process itself stood still nobody could be heard.
    heardAt += Math.max(0, now - due - BEAT_MS);
    due = now + BEAT_MS;
    if (socket.bytesRead !== heardBytes) {
      heardBytes = socket.bytesRead;
      heardAt = now;
    } else if (now - heardAt > SILENCE_MS) {
      session.destroy();
      socket.destroy();
      return;
    }
    session.ping(() => undefined);
    cancel = clock.after(BEAT_MS, beat);
  };
  let cancel = clock.after(BEAT_MS, beat);
  session.once('close', () => cancel());
}
