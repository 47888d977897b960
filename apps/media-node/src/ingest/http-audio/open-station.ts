// Enters: a station's address. Leaves: its answer, sound still in it, after redirects and a playlist, each checked.
// Not its job: what the sound is (radio-source.ts).
import { type IncomingMessage, request } from 'node:http';
import { isIP, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect as connectTls } from 'node:tls';
import type { ReasonCode } from '@vedette/contracts';
import type { Dial } from '@vedette/rtsp';
import { SourceError } from '../source-error.ts';
import { IcyStatus } from './icy-status.ts';
import { isPlaylist, readPlaylist } from './station-playlist.ts';

export interface OpenStationOptions {
  readonly url: string;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  /** Refuses what HTTP sources may not be on. */
  readonly dial: Dial;
  /** Ends the connection, also after the answer came. */
  readonly signal: AbortSignal;
}

const MAX_REDIRECTS = 5;
const HEAD_MS = 10_000;
const PLAYLIST_LIMIT_BYTES = 64 * 1024;

/** Throws SourceError, or the signal's reason. The caller destroys the answer. */
export async function openStation(options: OpenStationOptions): Promise<IncomingMessage> {
  const given = webAddress(options.url, undefined);
  let url = given;
  let redirects = 0;
  let playlistWasRead = false;
  for (;;) {
    const mayAuthorize = url.origin === given.origin;
    const answer = await ask(url, mayAuthorize ? authorization(options) : {}, options);
    const status = answer.statusCode ?? 0;
    const location = answer.headers.location;
    if (status >= 300 && status < 400 && location !== undefined) {
      answer.destroy();
      redirects += 1;
      if (redirects > MAX_REDIRECTS)
        throw failed('camera_protocol_error', 'The source redirects without end.');
      url = webAddress(location, url);
    } else if (status !== 200) {
      answer.destroy();
      throw fromStatus(status);
    } else if (isPlaylist(answer.headers['content-type'] ?? '', url.pathname)) {
      const text = await textOf(answer);
      const playlist = readPlaylist(text, url);
      if (playlist.kind === 'hls' || playlistWasRead)
        throw failed('codec_unsupported', 'The address is a playlist; give that of a stream of MP3 or AAC.');
      if (playlist.kind === 'empty')
        throw failed('source_not_found', 'The playlist of the source names no stream.');
      playlistWasRead = true;
      url = webAddress(playlist.url.href, url);
    } else return answer;
  }
}

async function ask(
  url: URL,
  headers: Readonly<Record<string, string>>,
  { dial, signal }: OpenStationOptions,
): Promise<IncomingMessage> {
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), HEAD_MS);
  const either = AbortSignal.any([signal, late.signal]);
  let connection: Duplex | undefined;
  try {
    const opened = await connect(url, dial, either);
    connection = opened;
    return await new Promise<IncomingMessage>((resolve, reject) => {
      const sent = request({
        createConnection: () => opened,
        method: 'GET',
        path: `${url.pathname}${url.search}`,
        headers: {
          Host: url.host,
          'User-Agent': 'Vedette',
          Accept: '*/*',
          'Icy-MetaData': '1',
          Connection: 'close',
          ...headers,
        },
        setHost: false,
        signal,
      });
      const abort = () => sent.destroy(new Error('late'));
      late.signal.addEventListener('abort', abort, { once: true });
      if (late.signal.aborted) abort();
      sent.once('error', reject);
      sent.once('response', (answer) => {
        // Whoever reads it is told there; unheard, an error would end the process.
        answer.on('error', () => undefined);
        resolve(answer);
      });
      sent.end();
    });
  } catch (error) {
    connection?.destroy();
    signal.throwIfAborted();
    if (late.signal.aborted) throw failed('camera_timeout', 'The source did not answer in time.', error);
    if (error instanceof SourceError) throw error;
    throw failed('camera_protocol_error', 'The source answers with something that is not HTTP.', error);
  } finally {
    clearTimeout(timer);
  }
}

async function connect(url: URL, dial: Dial, signal: AbortSignal): Promise<Duplex> {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const secure = url.protocol === 'https:';
  const port = url.port === '' ? (secure ? 443 : 80) : Number(url.port);
  const socket = await dial(host, port, signal);
  return new IcyStatus(secure ? await secured(socket, host, signal) : socket);
}

function secured(socket: Socket, host: string, signal: AbortSignal): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const tls = connectTls({
      socket,
      host,
      ALPNProtocols: ['http/1.1'],
      ...(isIP(host) === 0 ? { servername: host } : {}),
    });
    const abort = () => fail(signal.reason);
    const fail = (error: unknown) => {
      signal.removeEventListener('abort', abort);
      tls.on('error', () => undefined);
      tls.destroy();
      const reason = signal.aborted
        ? error
        : failed('certificate_rejected', 'The certificate of the source is not believed.', error);
      reject(reason);
    };
    tls.once('error', fail);
    tls.once('secureConnect', () => {
      signal.removeEventListener('abort', abort);
      tls.off('error', fail);
      resolve(tls);
    });
    signal.addEventListener('abort', abort, { once: true });
    if (signal.aborted) abort();
  });
}

async function textOf(answer: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of answer) {
      if (!(chunk instanceof Buffer)) continue;
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes > PLAYLIST_LIMIT_BYTES) break;
    }
  } catch (error) {
    if (bytes === 0) throw failed('camera_refused', 'The source closed the connection.', error);
  }
  answer.destroy();
  return Buffer.concat(chunks).subarray(0, PLAYLIST_LIMIT_BYTES).toString('utf8');
}

function webAddress(text: string, base: URL | undefined): URL {
  const url = URL.parse(text, base);
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:'))
    throw failed('source_not_allowed', 'The source is not at an http or https address.');
  url.username = '';
  url.password = '';
  return url;
}

function authorization({ username, password }: OpenStationOptions): Record<string, string> {
  if (username === undefined && password === undefined) return {};
  const pair = Buffer.from(`${username ?? ''}:${password ?? ''}`).toString('base64');
  return { Authorization: `Basic ${pair}` };
}

function fromStatus(status: number): SourceError {
  if (status === 401 || status === 403)
    return failed('camera_credentials_rejected', 'The source rejected the user name or password.');
  if (status === 404 || status === 410)
    return failed('source_not_found', 'There is no such stream at the source.');
  if (status === 429 || status === 503)
    return failed('camera_busy', 'The source has no free place for a listener.');
  return failed('camera_protocol_error', `The source answered ${status}.`);
}

function failed(code: ReasonCode, message: string, cause?: unknown): SourceError {
  return new SourceError(code, 'open', message, { cause });
}
