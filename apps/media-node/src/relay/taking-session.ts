import { type ClientHttp2Session, type ClientHttp2Stream, connect } from 'node:http2';
import type { TLSSocket } from 'node:tls';
import { type Clock, VedetteError } from '@vedette/runtime';
import { keepHeartbeat } from './heartbeat.ts';

/** Of one stream, under way: two seconds of a usual camera, and one slow stream holds up no more than this. */
const STREAM_WINDOW_BYTES = 256 * 1024;
/** Of all streams together. */
const LINK_WINDOW_BYTES = 4 * 1024 * 1024;
const SESSION_MEMORY_MB = 256;

/**
 * The end of a connection that asks for streams, whoever has dialled. HTTP/2 (RFC 9113) gives each stream its own
 * flow control; here it runs over a connection whose other side is known already.
 */
export class TakingSession {
  readonly #session: ClientHttp2Session;
  /** Resolves when the other side has answered for the first time; rejects when it never did. */
  readonly ready: Promise<void>;
  /** Resolves when the connection is over, for whatever reason. */
  readonly ended: Promise<void>;

  constructor(options: { readonly socket: TLSSocket; readonly clock: Clock }) {
    const { socket, clock } = options;
    const session = connect('https://node', {
      createConnection: () => socket,
      maxSessionMemory: SESSION_MEMORY_MB,
      settings: { enablePush: false, initialWindowSize: STREAM_WINDOW_BYTES },
    });
    this.#session = session;
    session.on('error', () => undefined);
    session.once('connect', () => session.setLocalWindowSize(LINK_WINDOW_BYTES));
    this.ended = new Promise((resolve) => session.once('close', resolve));
    this.ready = new Promise((resolve, reject) => {
      session.once('remoteSettings', () => resolve());
      session.once('close', () => reject(new Error('the other node closed the connection at once')));
    });
    this.ready.catch(() => undefined);
    keepHeartbeat(session, socket, clock);
  }

  /** Throws VedetteError `relay_unreachable` when the session is over. */
  request(path: string): ClientHttp2Stream {
    if (this.#session.closed || this.#session.destroyed)
      throw new VedetteError('relay_unreachable', { detail: 'The connection to the other node is over.' });
    return this.#session.request({ ':method': 'GET', ':path': `/streams/${path}` }, { endStream: true });
  }

  close(): void {
    this.#session.destroy();
  }
}
