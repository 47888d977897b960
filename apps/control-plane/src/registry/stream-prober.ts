import { connect, isIP, type Socket } from 'node:net';
import { checkRtsp, type Dial, probeRtsp, RtspError } from '@vedette/rtsp';
import type { AddressRules, Clock } from '@vedette/runtime';
import type { ProbeStream } from './camera-prober.ts';
import { ProbeFailure } from './probe-failure.ts';
import type { Resolve } from './source-check.ts';

/** Of one stream, its first key frame included; long groups of pictures are common. */
const STREAM_MS = 15_000;
const CONNECT_MS = 5_000;

/** Throws ProbeFailure. */
export type AskStream = (stream: Parameters<ProbeStream>[0], signal: AbortSignal) => Promise<void>;

interface StreamProberOptions {
  readonly rules: Pick<AddressRules, 'refusal'>;
  readonly resolve: Resolve;
  readonly clock: Clock;
}

/** Plays a stream until its first key frame. */
export function streamProber(options: StreamProberOptions): ProbeStream {
  const dial = guardedDial(options);
  return async ({ url, username, password, transport, certificate }, signal) => {
    const ends = AbortSignal.any([signal, AbortSignal.timeout(STREAM_MS)]);
    try {
      const { codec, width, height, frameRate } = await probeRtsp({
        url,
        username,
        password,
        transport,
        certificate,
        dial,
        clock: options.clock,
        signal: ends,
      });
      return { codec, width, height, frameRate };
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      if (error instanceof RtspError) {
        const step = error.step === 'media' ? 'key-frame' : error.step;
        throw new ProbeFailure(error.code, step, { detail: error.message, cause: error });
      }
      if (ends.aborted) throw new ProbeFailure('camera_timeout', 'play', { cause: error });
      throw error;
    }
  };
}

/** Asks a stream whether it is there, without playing it. */
export function streamAsker(options: StreamProberOptions): AskStream {
  const dial = guardedDial(options);
  return async ({ url, username, password, transport, certificate }, signal) => {
    try {
      await checkRtsp({
        url,
        username,
        password,
        transport,
        certificate,
        dial,
        clock: options.clock,
        signal,
      });
    } catch (error) {
      if (error instanceof RtspError)
        throw new ProbeFailure(error.code, error.step === 'media' ? 'describe' : error.step, {
          detail: error.message,
          cause: error,
        });
      throw error;
    }
  };
}

/** Connects where a source may be, to the very address that was judged. */
function guardedDial({ rules, resolve }: StreamProberOptions): Dial {
  return async (host, port, signal) => {
    const found = isIP(host) === 0 ? await resolve(host).catch(() => []) : [host];
    signal.throwIfAborted();
    if (found.length === 0)
      throw new RtspError('camera_unreachable', 'resolve', 'The host name of the camera is not known.');
    if (found.some((address) => rules.refusal(address, port) !== undefined))
      throw new RtspError('source_not_allowed', 'resolve', 'No source may be at this address.');
    return connected(connect({ host: found[0] ?? '', port }), signal);
  };
}

function connected(socket: Socket, signal: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const ends = AbortSignal.any([signal, AbortSignal.timeout(CONNECT_MS)]);
    const settle = (outcome: () => void) => {
      ends.removeEventListener('abort', onAbort);
      socket.removeListener('error', onError);
      outcome();
    };
    const onAbort = () => {
      socket.destroy();
      settle(() =>
        reject(signal.aborted ? signal.reason : Object.assign(new Error(), { code: 'ETIMEDOUT' })),
      );
    };
    const onError = (error: Error) => settle(() => reject(error));
    ends.addEventListener('abort', onAbort, { once: true });
    socket.once('error', onError);
    socket.once('connect', () => settle(() => resolve(socket)));
  });
}
