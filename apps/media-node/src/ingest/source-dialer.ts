// Opens connections to cameras: only where a source may be, a name resolved once and pinned for the dial, and never
// too many at a time, so that a thousand cameras that start together are dialled in turn.
import { lookup } from 'node:dns/promises';
import { connect, isIP, type Socket } from 'node:net';
import { type Dial, RtspError } from '@vedette/rtsp';
import type { AddressRules } from '@vedette/runtime';
import { bulkhead } from 'cockatiel';

interface SourceDialerOptions {
  readonly rules: Pick<AddressRules, 'refusal'>;
  /** Dials that begin at once. */
  readonly atOnce: number;
  /** IP addresses of a host name; the system's resolver when absent. */
  readonly resolve?: (host: string) => Promise<readonly string[]>;
}

const WAITING = 5000;
const RESOLVE_MS = 5000;
const CONNECT_MS = 5000;
/** A camera that is there answers within this; one that is not gives its turn to the next, and goes on waiting. */
const TURN_MS = 250;

export function createSourceDialer(options: SourceDialerOptions): Dial {
  const gate = bulkhead(options.atOnce, WAITING);
  const resolve = options.resolve ?? lookupAll;
  return async (host, port, signal) => {
    const addresses = isIP(host) === 0 ? await within(resolve(host), signal) : [host];
    check(addresses, port, options.rules);
    const inTurn = async (address: string) => {
      const turn = await gate.execute(async () => {
        const dialling = dial(address, port, signal);
        await settledWithin(dialling, TURN_MS);
        return { dialling };
      });
      return turn.dialling;
    };
    let failure: unknown;
    for (const address of addresses) {
      signal.throwIfAborted();
      try {
        return await inTurn(address);
      } catch (error) {
        failure = error;
      }
    }
    throw failure;
  };
}

async function lookupAll(host: string): Promise<readonly string[]> {
  return (await lookup(host, { all: true })).map((found) => found.address);
}

/** Every address of the name must be allowed: one that is not is a trick, not a camera. */
function check(addresses: readonly string[], port: number, rules: Pick<AddressRules, 'refusal'>): void {
  if (addresses.length === 0)
    throw new RtspError('camera_unreachable', 'resolve', 'The host name of the camera is not known.');
  if (addresses.some((address) => rules.refusal(address, port) !== undefined)) {
    throw new RtspError(
      'source_not_allowed',
      'resolve',
      'The address is outside the networks that cameras may be on.',
    );
  }
}

/** A resolver cannot be called off, only no longer waited for. */
async function within<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const late = new AbortController();
  const timer = setTimeout(
    () =>
      late.abort(
        new RtspError(
          'camera_unreachable',
          'resolve',
          'The host name of the camera was not resolved in time.',
        ),
      ),
    RESOLVE_MS,
  );
  const either = AbortSignal.any([signal, late.signal]);
  const ended = Promise.withResolvers<never>();
  const end = () => ended.reject(either.reason);
  either.addEventListener('abort', end, { once: true });
  if (either.aborted) end();
  try {
    return await Promise.race([work, ended.promise]);
  } finally {
    clearTimeout(timer);
    either.removeEventListener('abort', end);
  }
}

function settledWithin(work: Promise<unknown>, ms: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    const settled = () => {
      clearTimeout(timer);
      resolve();
    };
    work.then(settled, settled);
  });
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
      socket.off('timeout', late);
      socket.off('error', fail);
      socket.off('connect', connected);
      signal.removeEventListener('abort', abort);
    };
    const fail = (error: unknown) => {
      settle();
      socket.on('error', () => undefined);
      socket.destroy();
      reject(error);
    };
    const late = () => fail(Object.assign(new Error('no answer'), { code: 'ETIMEDOUT' }));
    const abort = () => fail(signal.reason);
    const connected = () => {
      settle();
      resolve(socket);
    };
    signal.addEventListener('abort', abort, { once: true });
    socket.setTimeout(CONNECT_MS, late);
    socket.once('error', fail);
    socket.once('connect', connected);
  });
}
