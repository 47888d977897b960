// A camera's address in; out whether it answers, or would play. Sets up no session, so that it costs the camera little.
import type { Socket } from 'node:net';
import { openHttpTunnel } from './http-tunnel.ts';
import type { PlayOptions } from './play-rtsp.ts';
import { RtspConnection } from './rtsp-connection.ts';
import { fromSocketError, fromStatus, RtspError } from './rtsp-error.ts';
import { requestUrl } from './rtsp-url.ts';
import { secureSocket } from './secure-socket.ts';

const DEFAULT_PORTS: Readonly<Record<string, number>> = { 'rtsp:': 554, 'rtsps:': 322 };
const HTTP_PORTS: Readonly<Record<string, number>> = { 'rtsp:': 80, 'rtsps:': 443 };
const REQUEST_TIMEOUT_MS = 5000;

type CheckOptions = Pick<
  PlayOptions,
  'url' | 'username' | 'password' | 'transport' | 'certificate' | 'dial' | 'clock' | 'signal'
>;

/** One DESCRIBE. Throws RtspError, or the signal's reason, with nothing left open. A redirection is an answer. */
export async function checkRtsp(options: CheckOptions): Promise<void> {
  const status = await ask(options, {
    method: 'DESCRIBE',
    step: 'describe',
    headers: ['Accept: application/sdp'],
  });
  if (status >= 400 || status < 200) throw fromStatus(status, 'describe');
}

/**
 * One OPTIONS, without credentials: whatever is answered, the camera is there (RFC 2326 section 10.1). Through a
 * tunnel of HTTP the connection alone has to do. Throws RtspError, or the signal's reason, with nothing left open.
 */
export async function pingRtsp(options: Omit<CheckOptions, 'username' | 'password'>): Promise<void> {
  const { certificate, clock, dial, signal, transport, url } = options;
  try {
    if (transport !== 'http') {
      await ask(
        { url, transport, certificate, dial, clock, signal },
        { method: 'OPTIONS', step: 'connect', headers: [] },
      );
    } else (await dialled(options, new URL(url))).destroy();
  } catch (error) {
    signal.throwIfAborted();
    // It asks who we are.
    if (error instanceof RtspError && error.step === 'authenticate') return;
    throw error instanceof RtspError ? error : fromSocketError(error, 'connect');
  }
}

/** Answers the status. */
async function ask(
  options: CheckOptions,
  request: Pick<Parameters<RtspConnection['request']>[0], 'method' | 'step' | 'headers'>,
): Promise<number> {
  const { clock, password, signal, transport, username } = options;
  const url = new URL(options.url);
  const dial = () => dialled(options, url);
  let socket: Parameters<typeof openRtsp>[0];
  try {
    socket =
      transport === 'http' ? await openHttpTunnel({ dial, url, username, password, signal }) : await dial();
  } catch (error) {
    signal.throwIfAborted();
    throw error instanceof RtspError ? error : fromSocketError(error, 'connect');
  }
  const connection = openRtsp(socket, { clock, username, password });
  const aborted = Promise.withResolvers<never>();
  const abort = () => aborted.reject(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  if (signal.aborted) abort();
  try {
    const answered = connection.request({ ...request, url: requestUrl(url) });
    return (await Promise.race([aborted.promise, answered])).status;
  } finally {
    signal.removeEventListener('abort', abort);
    connection.close();
  }
}

function openRtsp(
  socket: Socket | Awaited<ReturnType<typeof openHttpTunnel>>,
  { clock, password, username }: Pick<PlayOptions, 'clock' | 'password' | 'username'>,
): RtspConnection {
  return new RtspConnection({
    socket,
    peerAddress: socket.remoteAddress ?? '',
    clock,
    username,
    password,
    requestTimeoutMs: REQUEST_TIMEOUT_MS,
    onPacket: () => undefined,
  });
}

async function dialled(
  {
    certificate,
    dial,
    signal,
    transport,
  }: Pick<PlayOptions, 'certificate' | 'dial' | 'signal' | 'transport'>,
  { hostname, port, protocol }: URL,
): Promise<Socket> {
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  const ports = transport === 'http' ? HTTP_PORTS : DEFAULT_PORTS;
  const socket = await dial(host, Number(port || ports[protocol]), signal);
  if (protocol !== 'rtsps:') return socket;
  return secureSocket(socket, { host, check: certificate ?? { check: 'authority' }, signal });
}
