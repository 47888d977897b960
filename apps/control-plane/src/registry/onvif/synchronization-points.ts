// In: a camera and a profile. Out: its encoder was asked for a key frame (ONVIF Media, SetSynchronizationPoint).
// One request at once to a device, and nobody waits for it longer than two seconds. A device that failed is left
// alone for a while: one that does not know the request never will, and refused passwords lock accounts.
import type { CameraId, ProfileName } from '@vedette/contracts';
import type { Clock } from '@vedette/runtime';
import { bulkhead, type IPolicy } from 'cockatiel';
import type { KeyFramePort } from '../../key-frames/key-frame-port.ts';
import type { CameraCredentials } from '../camera-credentials.ts';
import type { CameraRecord } from '../camera-record.ts';
import { type AddressJudge, judgedAddress } from '../judged-address.ts';
import { CappedAgent } from './capped-agent.ts';
import { type OnvifBearings, OnvifSession, type OnvifTarget } from './onvif-session.ts';

type AskedCamera = Pick<CameraRecord, 'id' | 'source' | 'sourceRevision' | 'sealedPassword' | 'profiles'>;

export interface SynchronizationPointsOptions extends AddressJudge {
  readonly store: { get(id: CameraId): Promise<AskedCamera | undefined> };
  readonly credentials: Pick<CameraCredentials, 'open'>;
  readonly clock: Pick<Clock, 'now'>;
}

interface Known {
  readonly sourceRevision: number;
  readonly bearings: OnvifBearings | undefined;
  /** By the clock; asked no more before it. */
  readonly notBefore: number;
}

const TOTAL_MS = 2_000;
const MAX_BYTES = 1024 * 1024;
const REFUSED_MS = 10 * 60_000;
const AT_ONCE = 16;
const WAITING = 200;
const MAX_KNOWN = 20_000;

export class SynchronizationPoints implements KeyFramePort {
  readonly #options: SynchronizationPointsOptions;
  readonly #gate: IPolicy = bulkhead(AT_ONCE, WAITING);
  readonly #known = new Map<CameraId, Known>();
  /** The last request to each device. */
  readonly #turns = new Map<string, Promise<unknown>>();

  constructor(options: SynchronizationPointsOptions) {
    this.#options = options;
  }

  /** Throws ProbeFailure, the signal's reason, or that too many cameras are being asked. */
  ask(cameraId: CameraId, profile: ProfileName, signal: AbortSignal): Promise<'asked' | 'impossible'> {
    return this.#gate.execute(() => this.#ask(cameraId, profile, signal));
  }

  async #ask(cameraId: CameraId, profile: ProfileName, signal: AbortSignal): Promise<'asked' | 'impossible'> {
    signal.throwIfAborted();
    const { clock, credentials, store } = this.#options;
    const camera = await store.get(cameraId);
    const token = camera?.profiles.find(({ name }) => name === profile)?.token;
    if (camera?.source.kind !== 'onvif' || token === undefined) return 'impossible';
    const { host, port, username } = camera.source;
    const { sourceRevision } = camera;
    const password = await credentials.open(camera);
    return this.#inTurn(`${host}:${port}`, async () => {
      const known = this.#known.get(cameraId);
      const isSame = known?.sourceRevision === sourceRevision;
      if (isSame && clock.now() < known.notBefore) return 'impossible';
      signal.throwIfAborted();
      try {
        const address = await judgedAddress(this.#options, host, port);
        const target = { host, address, port, username, password };
        const bearings = await requestKeyFrame(target, token, isSame ? known.bearings : undefined, signal);
        this.#remember(cameraId, { sourceRevision, bearings, notBefore: 0 });
        return 'asked';
      } catch (error) {
        if (!signal.aborted)
          this.#remember(cameraId, {
            sourceRevision,
            bearings: undefined,
            notBefore: clock.now() + REFUSED_MS,
          });
        throw error;
      }
    });
  }

  async #inTurn<T>(device: string, work: () => Promise<T>): Promise<T> {
    const before = this.#turns.get(device) ?? Promise.resolve();
    const done = before.then(work);
    const turn = done.catch(() => undefined);
    this.#turns.set(device, turn);
    try {
      return await done;
    } finally {
      if (this.#turns.get(device) === turn) this.#turns.delete(device);
    }
  }

  #remember(cameraId: CameraId, known: Known): void {
    if (this.#known.size >= MAX_KNOWN) this.#known.clear();
    this.#known.set(cameraId, known);
  }
}

/** Answers what it found out of the device on the way, for the next time. */
async function requestKeyFrame(
  target: OnvifTarget,
  profileToken: string,
  bearings: OnvifBearings | undefined,
  signal: AbortSignal,
): Promise<OnvifBearings> {
  using agent = new CappedAgent({ maxBytes: MAX_BYTES });
  const session = new OnvifSession({ target, agent, callMs: TOTAL_MS, totalMs: TOTAL_MS, signal });
  const { cam, call } = session;
  if (bearings === undefined) await session.findBearings();
  else session.takeBearings(bearings);
  await session.withEitherClock(() =>
    call('describe', (done) => cam.setSynchronizationPoint({ profileToken }, done)),
  );
  return session.bearings;
}
