import { Agent, type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http';
import { VedetteError } from '@vedette/runtime';
import type { FastifyReply } from 'fastify';

export interface Upstream {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: IncomingMessage;
}

interface Ask {
  readonly url: string;
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal: AbortSignal;
}

/** Held playlists keep a connection each. */
const agent = new Agent({ keepAlive: true, maxSockets: Number.POSITIVE_INFINITY, maxFreeSockets: 64 });
const MAX_TEXT = 256 * 1024;

/** One request to MediaMTX on this machine. Throws VedetteError `unavailable` when nobody answers. */
export function askUpstream({ body, headers, method, signal, url }: Ask): Promise<Upstream> {
  return new Promise((resolve, reject) => {
    const asked = request(url, { method, headers, signal, agent }, (answer) => {
      resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: answer });
    });
    asked.on('error', (cause) =>
      reject(
        new VedetteError('unavailable', { detail: 'MediaMTX does not answer.', cause, retryAfterSeconds: 1 }),
      ),
    );
    asked.end(body);
  });
}

/** Aborts when the caller hangs up before he has his answer. */
export function goneSignal({ raw }: Pick<FastifyReply, 'raw'>): AbortSignal {
  const gone = new AbortController();
  raw.once('close', () => {
    if (!raw.writableFinished) gone.abort();
  });
  return gone.signal;
}

/** The whole body. Throws VedetteError `unavailable` when it breaks off or does not end. */
export async function textOf({ body }: Upstream): Promise<string> {
  let text = '';
  try {
    body.setEncoding('utf8');
    for await (const chunk of body) {
      text += chunk;
      if (text.length > MAX_TEXT) throw new Error('the answer is too long');
    }
    return text;
  } catch (cause) {
    throw new VedetteError('unavailable', { detail: 'MediaMTX broke off its answer.', cause });
  }
}
