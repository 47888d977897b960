// In: address and credentials of an ONVIF device. Out: who made it, and its main and sub stream.
// Order and repairs follow what cameras do: clock first, so that signatures carry the camera's time;
// GetServices, then GetCapabilities, then the usual path; Media2, then Media.
// Not its job: opening the streams, and keeping anything.
import type { CamProfile } from 'onvif';
import type { Device, OnvifFacts, ResolvedProfile } from '../camera-record.ts';
import { ProbeFailure } from '../probe-failure.ts';
import { CappedAgent } from './capped-agent.ts';
import { chooseProfiles, type OnvifProfile } from './choose-profiles.ts';
import { deviceOf } from './device-information.ts';
import { escapeXml, isFinal, OnvifSession, type OnvifTarget } from './onvif-session.ts';
import { usableSnapshotUri, usableStreamUri } from './stream-uri.ts';

export type { OnvifTarget } from './onvif-session.ts';

const CALL_MS = 5_000;
const TOTAL_MS = 15_000;
const MAX_BYTES = 4 * 1024 * 1024;
const MAX_PROFILES = 64;

export interface OnvifReading {
  readonly device: Device | null;
  /** main first; never empty. */
  readonly profiles: readonly ResolvedProfile[];
  readonly onvif: Omit<OnvifFacts, 'choice'>;
}

/** Asks a device what it offers. Throws ProbeFailure, or the signal's reason. */
export async function readOnvif(
  target: OnvifTarget & { readonly choice?: OnvifFacts['choice'] | undefined },
  signal: AbortSignal,
): Promise<OnvifReading> {
  signal.throwIfAborted();
  using agent = new CappedAgent({ maxBytes: MAX_BYTES });
  const session = new OnvifSession({ target, agent, callMs: CALL_MS, totalMs: TOTAL_MS, signal });
  const { cam, call } = session;
  await session.findBearings();
  const device = await session.withEitherClock(() => readDevice(session));
  const listed = await readProfiles(session);
  const profiles: ResolvedProfile[] = [];
  for (const { name, profile } of chooseProfiles(listed, target.choice)) {
    const answer = await call<{ uri?: unknown }>('describe', (done) =>
      cam.getStreamUri({ protocol: 'RTSP', stream: 'RTP-Unicast', profileToken: profile.token }, done),
    );
    const url = usableStreamUri(String(answer.value?.uri ?? ''), target.host);
    if (url === undefined)
      throw new ProbeFailure('camera_protocol_error', 'describe', {
        detail: `The camera told no RTSP address for its ${name} stream.`,
      });
    const { codec, width, height, frameRate, token } = profile;
    const snapshotUrl = name === 'main' ? await readSnapshotUrl(session, profile, target, signal) : undefined;
    profiles.push({
      ...{ name, url, token, codec, width, height, frameRate },
      ...(snapshotUrl === undefined ? {} : { snapshotUrl }),
    });
  }
  if (profiles.length === 0)
    throw new ProbeFailure('camera_protocol_error', 'describe', {
      detail: 'The camera lists no video profile.',
    });
  return { device, profiles, onvif: factsOf(session, listed) };
}

function factsOf({ cam, skewSeconds }: OnvifSession, listed: readonly OnvifProfile[]): OnvifReading['onvif'] {
  const services: Readonly<Record<string, unknown>> = cam.uri ?? {};
  return {
    offered: listed.map(({ hasAudio: _, ...profile }) => profile),
    capabilities: {
      ptz: 'ptz' in services,
      events: 'events' in services,
      media2: cam.media2Support === true,
      analytics: 'analytics' in services,
      audio: listed.some(({ hasAudio }) => hasAudio),
    },
    clockSkewSeconds: skewSeconds,
    readAt: new Date().toISOString(),
  };
}

/** A device that asks for no authentication here may still refuse the rest; one without this call is read on. */
async function readDevice({ cam, call }: OnvifSession): Promise<Device | null> {
  try {
    const { xml } = await call('authenticate', (done) => cam.getDeviceInformation(done));
    return deviceOf(xml);
  } catch (error) {
    if (isFinal(error)) throw error;
    return null;
  }
}

/** Nothing else depends on it: a device that does not tell has none. */
async function readSnapshotUrl(
  { cam, call }: OnvifSession,
  profile: OnvifProfile,
  target: OnvifTarget,
  signal: AbortSignal,
): Promise<string | undefined> {
  try {
    const answer = await call<{ uri?: unknown }>('describe', (done) =>
      cam.getSnapshotUri({ profileToken: profile.token }, done),
    );
    return usableSnapshotUri(String(answer.value?.uri ?? ''), target.host);
  } catch {
    signal.throwIfAborted();
    return undefined;
  }
}

async function readProfiles({ cam, call }: OnvifSession): Promise<readonly OnvifProfile[]> {
  const ask = () => call<CamProfile[]>('describe', (done) => cam.getProfiles(done));
  const answer = await ask().catch((error: unknown) => {
    // D-Link DCS-8635LH lists Media2 and does not serve it.
    if (isFinal(error) || cam.media2Support !== true) throw error;
    cam.media2Support = false;
    return ask();
  });
  return [answer.value ?? []].flat().slice(0, MAX_PROFILES).flatMap(toProfile);
}

function toProfile(profile: CamProfile): readonly OnvifProfile[] {
  const encoder = profile['videoEncoderConfiguration'] as
    | {
        encoding?: unknown;
        resolution?: { width?: unknown; height?: unknown };
        rateControl?: { frameRateLimit?: unknown; bitrateLimit?: unknown };
      }
    | undefined;
  const token = (profile['$'] as { token?: unknown } | undefined)?.token;
  const [width, height] = [Number(encoder?.resolution?.width), Number(encoder?.resolution?.height)];
  if (token === undefined || !Number.isInteger(width) || !Number.isInteger(height)) return [];
  const frameRate = Number(encoder?.rateControl?.frameRateLimit);
  const bitrate = Number(encoder?.rateControl?.bitrateLimit);
  return [
    {
      token: escapeXml(String(token)),
      codec: String(encoder?.encoding ?? '').toLowerCase(),
      width,
      height,
      frameRate: frameRate > 0 ? frameRate : null,
      bitrateKbps: bitrate > 0 ? bitrate : null,
      hasAudio: profile['audioEncoderConfiguration'] !== undefined,
    },
  ];
}
