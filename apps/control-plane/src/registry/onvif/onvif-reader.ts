// In: address and credentials of an ONVIF device. Out: who made it, and its main and sub stream.
// Order and repairs follow what cameras do: clock first, so that signatures carry the camera's time;
// GetServices, then GetCapabilities, then the usual path; Media2, then Media.
// Not its job: opening the streams, and keeping anything.
import { Cam, type CamProfile } from 'onvif';
import type { Device, ResolvedProfile } from '../camera-record.ts';
import { ProbeFailure } from '../probe-failure.ts';
import { CappedAgent } from './capped-agent.ts';
import { chooseProfiles, type OnvifProfile } from './choose-profiles.ts';
import { deviceOf } from './device-information.ts';
import { type OnvifCall, onvifFailure } from './onvif-failure.ts';
import { usableStreamUri } from './stream-uri.ts';

const CALL_MS = 5_000;
const TOTAL_MS = 15_000;
const MAX_BYTES = 4 * 1024 * 1024;
const MAX_PROFILES = 64;
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

export interface OnvifReading {
  readonly device: Device | null;
  /** main first; never empty. */
  readonly profiles: readonly ResolvedProfile[];
}

/** Asks a device what it offers. Throws ProbeFailure, or the signal's reason. */
export async function readOnvif(target: OnvifTarget, signal: AbortSignal): Promise<OnvifReading> {
  signal.throwIfAborted();
  using agent = new CappedAgent({ maxBytes: MAX_BYTES });
  const ends = AbortSignal.any([signal, AbortSignal.timeout(TOTAL_MS)]);
  const cam = new Cam({
    hostname: target.address,
    port: target.port,
    // The library writes it into XML as it is.
    username: escapeXml(target.username ?? ''),
    password: target.password ?? '',
    autoconnect: false,
    preserveAddress: true,
    timeout: CALL_MS,
    agent,
  });
  const call: OnvifCall = (step, ask) =>
    new Promise((resolve, reject) => {
      const onAbort = () => reject(signal.aborted ? signal.reason : new ProbeFailure('camera_timeout', step));
      if (ends.aborted) return onAbort();
      ends.addEventListener('abort', onAbort, { once: true });
      ask((error, value, xml, status) => {
        ends.removeEventListener('abort', onAbort);
        if (error) reject(onvifFailure(error, step, xml, status));
        else resolve({ value, xml: typeof xml === 'string' ? xml : '' });
      });
    });

  await readClock(cam, call);
  await findServices(cam, call);
  const device = await withEitherClock(cam, () => readDevice(cam, call));
  const listed = await readProfiles(cam, call);
  const profiles: ResolvedProfile[] = [];
  for (const { name, profile } of chooseProfiles(listed)) {
    const answer = await call<{ uri?: unknown }>('describe', (done) =>
      cam.getStreamUri({ protocol: 'RTSP', stream: 'RTP-Unicast', profileToken: profile.token }, done),
    );
    const url = usableStreamUri(String(answer.value?.uri ?? ''), target.host);
    if (url === undefined)
      throw new ProbeFailure('camera_protocol_error', 'describe', {
        detail: `The camera told no RTSP address for its ${name} stream.`,
      });
    const { codec, width, height, frameRate } = profile;
    profiles.push({ name, url, codec, width, height, frameRate });
  }
  if (profiles.length === 0)
    throw new ProbeFailure('camera_protocol_error', 'describe', {
      detail: 'The camera lists no video profile.',
    });
  return { device, profiles };
}

/** Without a password first; a device that wants one is asked in our time, and goes on in its own. */
async function readClock(cam: Cam, call: OnvifCall): Promise<void> {
  const ask = () => call<unknown>('connect', (done) => cam.getSystemDateAndTime(done));
  try {
    await ask();
  } catch (error) {
    if (!isRejected(error)) throw error;
    const clock = cam as { timeShift?: number };
    // The library signs in the time of 1970 until it knows better.
    clock.timeShift = ourTimeShift();
    const { value } = await ask();
    if (value instanceof Date) clock.timeShift = value.getTime() - process.uptime() * 1000;
  }
}

function ourTimeShift(): number {
  return Date.now() - process.uptime() * 1000;
}

function isRejected(error: unknown): boolean {
  return error instanceof ProbeFailure && error.code === 'camera_credentials_rejected';
}

async function findServices(cam: Cam, call: OnvifCall): Promise<void> {
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

/** A device that asks for no authentication here may still refuse the rest; one without this call is read on. */
async function readDevice(cam: Cam, call: OnvifCall): Promise<Device | null> {
  try {
    const { xml } = await call('authenticate', (done) => cam.getDeviceInformation(done));
    return deviceOf(xml);
  } catch (error) {
    if (isFinal(error)) throw error;
    return null;
  }
}

/** Some cameras tell local time as UTC: what they refuse by that clock they may accept by ours. */
async function withEitherClock<T>(cam: Cam, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const clock = cam as { timeShift?: number };
    const ours = ourTimeShift();
    if (!isRejected(error) || Math.abs((clock.timeShift ?? ours) - ours) < CLOCKS_AGREE_MS) throw error;
    clock.timeShift = ours;
    return work();
  }
}

async function readProfiles(cam: Cam, call: OnvifCall): Promise<readonly OnvifProfile[]> {
  const media = cam as { media2Support?: boolean };
  const ask = () => call<CamProfile[]>('describe', (done) => cam.getProfiles(done));
  const answer = await ask().catch((error: unknown) => {
    // D-Link DCS-8635LH lists Media2 and does not serve it.
    if (isFinal(error) || media.media2Support !== true) throw error;
    media.media2Support = false;
    return ask();
  });
  return [answer.value ?? []].flat().slice(0, MAX_PROFILES).flatMap(toProfile);
}

function toProfile(profile: CamProfile): readonly OnvifProfile[] {
  const encoder = profile['videoEncoderConfiguration'] as
    | {
        encoding?: unknown;
        resolution?: { width?: unknown; height?: unknown };
        rateControl?: { frameRateLimit?: unknown };
      }
    | undefined;
  const token = (profile['$'] as { token?: unknown } | undefined)?.token;
  const [width, height] = [Number(encoder?.resolution?.width), Number(encoder?.resolution?.height)];
  if (token === undefined || !Number.isInteger(width) || !Number.isInteger(height)) return [];
  const frameRate = Number(encoder?.rateControl?.frameRateLimit);
  return [
    {
      token: escapeXml(String(token)),
      codec: String(encoder?.encoding ?? '').toLowerCase(),
      width,
      height,
      frameRate: frameRate > 0 ? frameRate : null,
    },
  ];
}

/** Asking on in another way would not help. */
function isFinal(error: unknown): boolean {
  if (!(error instanceof ProbeFailure)) return true;
  return error.code !== 'camera_protocol_error';
}

function escapeXml(text: string): string {
  return text.replace(/[<>&"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
