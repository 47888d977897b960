// Enters: an HTTP address from a person. Leaves: its answer, every hop of which went through the dialer that knows
// where HTTP sources may be. Not its job: what is in the body.
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { Dial } from '@vedette/rtsp';
import { SourceError } from '../source-error.ts';

export interface GuardedGetOptions {
  readonly url: string;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  /** `bytes=…`, passed on as it is. */
  readonly range?: string | undefined;
  readonly dial: Dial;
  readonly signal: AbortSignal;
}

const LIMIT_REDIRECTS = 5;
/** For the head of an answer; its body may last for ever. */
const HEAD_MS = 10_000;
/** A body that pauses for so long has stopped. */
const IDLE_MS = 15_000;
const REDIRECTS: readonly number[] = [301, 302, 303, 307, 308];

/**
 * Answers with the first answer that is no redirection. Credentials go to the first origin and nowhere else.
 * @throws SourceError
 */
export async function guardedGet(options: GuardedGetOptions): Promise<IncomingMessage> {
  const first = parse(options.url);
  let url = first;
  for (let hop = 0; hop <= LIMIT_REDIRECTS; hop += 1) {
    const answer = await get(url, { ...options, authorized: url.origin === first.origin });
    if (!REDIRECTS.includes(answer.statusCode ?? 0)) return answer;
    answer.destroy();
    url = parse(answer.headers.location ?? '', url);
  }
  throw new SourceError('camera_protocol_error', 'redirect', 'The source redirects again and again.');
}

function parse(text: string, base?: URL): URL {
  const url = URL.canParse(text, base?.href) ? new URL(text, base?.href) : undefined;
  if (url === undefined || !['http:', 'https:'].includes(url.protocol) || text === '')
    throw new SourceError(
      'source_not_allowed',
      'open',
      'The address is, or leads to, something that is not HTTP.',
    );
  // Credentials have fields of their own; in an address they would end in logs.
  url.username = '';
  url.password = '';
  return url;
}

async function get(
  url: URL,
  options: GuardedGetOptions & { readonly authorized: boolean },
): Promise<IncomingMessage> {
  const { dial, signal, username, password, range, authorized } = options;
  const isTls = url.protocol === 'https:';
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const socket = await dial(host, Number(url.port || (isTls ? 443 : 80)), signal);
  const secret = `${username ?? ''}:${password ?? ''}`;
  const send = isTls ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    const request = send(url, {
      method: 'GET',
      agent: false,
      // Ours already: the address was checked and is the one that was dialled.
      createConnection: () => (isTls ? connectTls({ socket, servername: servername(host) }) : socket),
      headers: {
        'user-agent': 'Vedette',
        accept: '*/*',
        connection: 'close',
        ...(range === undefined ? {} : { range }),
        ...(authorized && secret !== ':'
          ? { authorization: `Basic ${Buffer.from(secret).toString('base64')}` }
          : {}),
      },
    });
    const fail = (code: ConstructorParameters<typeof SourceError>[0], message: string, cause?: unknown) => {
      settle();
      request.destroy();
      socket.destroy();
      reject(new SourceError(code, 'open', message, { cause }));
    };
    const late = setTimeout(() => fail('camera_timeout', 'The source did not answer in time.'), HEAD_MS);
    const abort = () => fail('camera_unreachable', 'The request was called off.');
    const settle = () => {
      clearTimeout(late);
      signal.removeEventListener('abort', abort);
    };
    signal.addEventListener('abort', abort, { once: true });
    request.on('error', (error) => fail('camera_refused', 'The source broke off the connection.', error));
    request.once('response', (answer) => {
      settle();
      endWhenSilent(answer, socket);
      resolve(answer);
    });
    request.end();
    if (signal.aborted) abort();
  });
}

/** An address has no name to be asked for (RFC 6066 section 3). */
function servername(host: string): string | undefined {
  return /^[\d.]+$|:/.test(host) ? undefined : host;
}

function endWhenSilent(answer: IncomingMessage, socket: Socket): void {
  answer.on('error', () => undefined);
  socket.setTimeout(IDLE_MS, () => {
    // Who reads slowly on purpose, in real time, makes the line silent as well.
    if (!answer.isPaused() && answer.readableLength === 0) answer.destroy();
  });
}
