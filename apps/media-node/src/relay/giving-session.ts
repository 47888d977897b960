import { performServerHandshake, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2';
import type { TLSSocket } from 'node:tls';
import type { NodeId } from '@vedette/contracts';
import type { Clock } from '@vedette/runtime';
import { keepHeartbeat } from './heartbeat.ts';

/** Another node asks for a stream; whoever takes the call answers and ends it. */
export type Give = (path: string, stream: ServerHttp2Stream, to: NodeId) => void;

export interface GivingOptions {
  readonly socket: TLSSocket;
  readonly peer: NodeId;
  readonly give: Give;
  readonly clock: Clock;
}

const ASK = /^\/streams\/([a-z0-9][a-z0-9_-]{0,79})$/;
const SESSION_MEMORY_MB = 256;
/** As many as a node carries, and some. */
const MAX_STREAMS = 2000;

/** The end of a connection that hands streams on, whoever has dialled. */
export function giveOver({ socket, peer, give, clock }: GivingOptions): ServerHttp2Session {
  const session = performServerHandshake(socket, {
    maxSessionMemory: SESSION_MEMORY_MB,
    settings: { maxConcurrentStreams: MAX_STREAMS },
  });
  session.on('error', () => undefined);
  session.on('stream', (stream, headers) => {
    stream.on('error', () => undefined);
    const path = ASK.exec(headers[':path'] ?? '')?.[1];
    if (headers[':method'] !== 'GET' || path === undefined)
      stream.respond({ ':status': 400 }, { endStream: true });
    else give(path, stream, peer);
  });
  keepHeartbeat(session, socket, clock);
  return session;
}
