// Enters: the address at which a camera answers a JPEG, as its device told. Leaves: the JPEG.
// The host is judged like that of any source, and the very address that was judged is connected to.
// Not its job: redirects, which no camera needs here and which lead elsewhere.
import { randomBytes } from 'node:crypto';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isIP } from 'node:net';
import { digestAuthorization, parseChallenges } from '@vedette/rtsp';
import { type AddressJudge, judgedAddress } from '../judged-address.ts';
import { ProbeFailure } from '../probe-failure.ts';

export interface SnapshotTarget {
  /** `http` or `https`, without credentials. */
  readonly url: string;
  readonly username: string | undefined;
  readonly password: string | undefined;
}

const TOTAL_MS = 3_000;
const MAX_BYTES = 5 * 1024 * 1024;
const JPEG = Buffer.from([0xff, 0xd8, 0xff]);
const REFUSED: readonly (string | undefined)[] = ['ECONNREFUSED', 'ECONNRESET', 'EPIPE'];

/** Throws ProbeFailure, or the signal's reason. */
export async function fetchSnapshot(
  judge: AddressJudge,
  target: SnapshotTarget,
  signal: AbortSignal,
): Promise<Buffer> {
  signal.throwIfAborted();
  const url = new URL(target.url);
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const port = Number(url.port || (url.protocol === 'https:' ? 443 : 80));
  const address = await judgedAddress(judge, host, port);
  const ends = AbortSignal.any([signal, AbortSignal.timeout(TOTAL_MS)]);
  try {
    const first = await get({ url, host, address, port, authorization: undefined, signal: ends });
    if (first.statusCode !== 401) return await jpegOf(first);
    const authorization = authorizationFor(first, url, target);
    first.destroy();
    if (authorization === undefined) throw new ProbeFailure('camera_credentials_rejected', 'authenticate');
    return await jpegOf(await get({ url, host, address, port, authorization, signal: ends }));
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof ProbeFailure) throw error;
    if (ends.aborted) throw new ProbeFailure('camera_timeout', 'connect', { cause: error });
    const { code } = error instanceof Error ? (error as NodeJS.ErrnoException) : {};
    const reason = REFUSED.includes(code) ? 'camera_refused' : 'camera_unreachable';
    throw new ProbeFailure(reason, 'connect', { cause: error });
  }
}

function get(options: {
  readonly url: URL;
  readonly host: string;
  readonly address: string;
  readonly port: number;
  readonly authorization: string | undefined;
  readonly signal: AbortSignal;
}): Promise<IncomingMessage> {
  const { url, host, address, port, authorization, signal } = options;
  const isTls = url.protocol === 'https:';
  return new Promise((resolve, reject) => {
    const request = (isTls ? httpsRequest : httpRequest)({
      host: address,
      port,
      path: url.pathname + url.search,
      agent: false,
      signal,
      headers: {
        host: url.host,
        accept: 'image/jpeg',
        'user-agent': 'Vedette',
        connection: 'close',
        ...(authorization === undefined ? {} : { authorization }),
      },
      // Cameras sign their own; the address itself came from the device by plain HTTP, so there is no trust to lose.
      ...(isTls ? { rejectUnauthorized: false, ...(isIP(host) === 0 ? { servername: host } : {}) } : {}),
    });
    request.once('error', reject);
    request.once('response', resolve);
    request.end();
  });
}

function authorizationFor(
  answer: IncomingMessage,
  url: URL,
  { username, password }: SnapshotTarget,
): string | undefined {
  const [challenge] = parseChallenges(answer.headersDistinct['www-authenticate'] ?? []);
  if (challenge === undefined || username === undefined) return undefined;
  return digestAuthorization(challenge, {
    username,
    password: password ?? '',
    method: 'GET',
    uri: url.pathname + url.search,
    nonceCount: 1,
    cnonce: randomBytes(8).toString('hex'),
  });
}

async function jpegOf(answer: IncomingMessage): Promise<Buffer> {
  try {
    const { statusCode = 0 } = answer;
    if (statusCode === 401 || statusCode === 403)
      throw new ProbeFailure('camera_credentials_rejected', 'authenticate');
    if (statusCode !== 200) throw odd('The camera answered no picture.');
    const chunks: Buffer[] = [];
    let length = 0;
    for await (const chunk of answer as AsyncIterable<Buffer>) {
      length += chunk.length;
      if (length > MAX_BYTES) throw odd('The picture of the camera is too large.');
      chunks.push(chunk);
    }
    const body = Buffer.concat(chunks, length);
    if (!body.subarray(0, JPEG.length).equals(JPEG)) throw odd('What the camera answered is no JPEG.');
    return body;
  } finally {
    answer.destroy();
  }
}

function odd(detail: string): ProbeFailure {
  return new ProbeFailure('camera_protocol_error', 'describe', { detail });
}
