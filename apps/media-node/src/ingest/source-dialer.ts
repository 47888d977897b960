// Opens connections to cameras: only where a source may be, a name resolved once and pinned for the dial, and never
// too many at a time, so that a thousand cameras that start together are dialled in turn.
import { lookup } from 'node:dns/promises';
import { connect, isIP, type Socket } from 'node:net';
import { type Dial, RtspError } from '@vedette/rtsp';
import type { AddressRules } from '@vedette/runtime';
import { bulkhead } from 'cockatiel';

interface SourceDialerOptions {
  readonly rules: Pick<AddressRules, 'refusal'>;
  /** Dials under way at once. */
  readonly atOnce: number;
}

const WAITING = 5000;
const CONNECT_MS = 5000;

export function createSourceDialer(options: SourceDialerOptions): Dial {
  const gate = bulkhead(options.atOnce, WAITING);
  return async (host, port, signal) => {
    const address = await resolve(host, port, options.rules);
    return gate.execute(() => dial(address, port, signal));
  };
}

/** Every address of the name must be allowed: one that is not is a trick, not a camera. */
async function resolve(host: string, port: number, rules: Pick<AddressRules, 'refusal'>): Promise<string> {
  const addresses =
    isIP(host) === 0 ? (await lookup(host, { all: true })).map((found) => found.address) : [host];
  const [first] = addresses;
  if (first === undefined)
    throw new RtspError('camera_unreachable', 'resolve', 'The host name of the camera is not known.');
  if (addresses.some((address) => rules.refusal(address, port) !== undefined)) {
    throw new RtspError(
      'source_not_allowed',
      'resolve',
      'The address is outside the networks that cameras may be on.',
    );
  }
  return first;
}

function dial(address: string, port: number, signal: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(signal.reason);
      return;
    }
    const socket = connect({ host: address, port, noDelay: true });
    const settle = () => {
      socket.setTimeout(0);
      socket.removeAllListeners();
      signal.removeEventListener('abort', abort);
    };
    const fail = (error: unknown) => {
      settle();
      socket.on('error', () => undefined);
      socket.destroy();
      reject(error);
    };
    const abort = () => fail(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    socket.setTimeout(CONNECT_MS, () => fail(Object.assign(new Error('no answer'), { code: 'ETIMEDOUT' })));
    socket.once('error', fail);
    socket.once('connect', () => {
      settle();
      resolve(socket);
    });
  });
}
