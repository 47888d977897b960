// In: address and credentials of an ONVIF device. Out: a client of it that signs in the device's own time and knows
// where its media service is, and calls that end with a reason. What they ask is for whoever opened it.
import { Cam } from 'onvif';
import { ProbeFailure } from '../probe-failure.ts';
import type { CappedAgent } from './capped-agent.ts';
import { type OnvifCall, onvifFailure } from './onvif-failure.ts';

const CLOCKS_AGREE_MS = 5_000;

export interface OnvifTarget {
  /** As configured; stands in stream addresses. */
  readonly host: string;
  /** Where to connect: one of the host's addresses, judged already. */
  readonly address: string;
  readonly port: number;
  readonly username: string | undefined;
  readonly password: string | undefined;
}

/** What was found out of a device, so that the next session need not ask. */
export type OnvifBearings = Pick<Cam, 'timeShift' | 'uri' | 'media2Support'>;

export interface OnvifSessionOptions {
  readonly target: OnvifTarget;
  readonly agent: CappedAgent;
  /** Of one call. */
  readonly callMs: number;
  /** Of all of them. */
  readonly totalMs: number;
  /** Its reason is what calls then throw. */
  readonly signal: AbortSignal;
}

export class OnvifSession {
  readonly cam: Cam;
  readonly call: OnvifCall;

  /** Connects to nothing yet. */
  constructor(options: OnvifSessionOptions) {
    const { target, signal } = options;
    const ends = AbortSignal.any([signal, AbortSignal.timeout(options.totalMs)]);
    this.cam = new Cam({
      hostname: target.address,
      port: target.port,
      // The library writes it into XML as it is.
      username: escapeXml(target.username ?? ''),
      password: target.password ?? '',
      autoconnect: false,
      preserveAddress: true,
      timeout: options.callMs,
      agent: options.agent,
    });
    this.call = (step, ask) =>
      new Promise((resolve, reject) => {
        const onAbort = () =>
          reject(signal.aborted ? signal.reason : new ProbeFailure('camera_timeout', step));
        if (ends.aborted) return onAbort();
        ends.addEventListener('abort', onAbort, { once: true });
        ask((error, value, xml, status) => {
          ends.removeEventListener('abort', onAbort);
          if (error) reject(onvifFailure(error, step, xml, status));
          else resolve({ value, xml: typeof xml === 'string' ? xml : '' });
        });
      });
  }

  get bearings(): OnvifBearings {
    const { timeShift, uri, media2Support } = this.cam;
    return {
      ...(timeShift === undefined ? {} : { timeShift }),
      ...(uri === undefined ? {} : { uri }),
      ...(media2Support === undefined ? {} : { media2Support }),
    };
  }

  /** Seconds that the device's clock is ahead of ours; null when it told none. */
  get skewSeconds(): number | null {
    const { timeShift } = this.cam;
    return timeShift === undefined ? null : Math.round((timeShift - ourTimeShift()) / 100) / 10;
  }

  /** Asks the device for its clock and its services. Throws ProbeFailure, or the signal's reason. */
  async findBearings(): Promise<void> {
    await this.#readClock();
    await this.#findServices();
  }

  /** Goes on from what an earlier session found. */
  takeBearings(bearings: OnvifBearings): void {
    Object.assign(this.cam, bearings);
  }

  /** Some cameras tell local time as UTC: what they refuse by that clock they may accept by ours. */
  async withEitherClock<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      const ours = ourTimeShift();
      if (!isRejected(error) || Math.abs((this.cam.timeShift ?? ours) - ours) < CLOCKS_AGREE_MS) throw error;
      this.cam.timeShift = ours;
      return work();
    }
  }

  /** Without a password first; a device that wants one is asked in our time, and goes on in its own. */
  async #readClock(): Promise<void> {
    const ask = () => this.call<unknown>('connect', (done) => this.cam.getSystemDateAndTime(done));
    try {
      await ask();
    } catch (error) {
      if (!isRejected(error)) throw error;
      // The library signs in the time of 1970 until it knows better.
      this.cam.timeShift = ourTimeShift();
      const { value } = await ask();
      if (value instanceof Date) this.cam.timeShift = value.getTime() - process.uptime() * 1000;
    }
  }

  async #findServices(): Promise<void> {
    const { call, cam } = this;
    try {
      await call('describe', (done) => cam.getServices(true, done));
    } catch (error) {
      if (isFinal(error)) throw error;
      await call('describe', (done) => cam.getCapabilities(done)).catch((second: unknown) => {
        if (isFinal(second)) throw second;
      });
    }
    const known = cam as { uri?: Record<string, { path?: string | null }> };
    known.uri ??= {};
    // The library keeps what is not told as the bare service name, which no camera serves.
    known.uri['media'] ??= { path: '/onvif/media_service' };
  }
}

/** Asking on in another way would not help. */
export function isFinal(error: unknown): boolean {
  if (!(error instanceof ProbeFailure)) return true;
  return error.code !== 'camera_protocol_error';
}

export function escapeXml(text: string): string {
  return text.replace(/[<>&"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

function ourTimeShift(): number {
  return Date.now() - process.uptime() * 1000;
}

function isRejected(error: unknown): boolean {
  return error instanceof ProbeFailure && error.code === 'camera_credentials_rejected';
}
