// In: the id of a camera. Out: all that starting it needs, with its credentials in clear.
// Not its job: remembering answers (streams/cached-camera-catalog.ts), changing cameras (camera-service.ts).
import type { CameraId, StreamSource } from '@vedette/contracts';
import type { Log } from '@vedette/runtime';
import type { CameraCatalog, StreamableCamera } from '../streams/camera-catalog.ts';
import type { CameraCredentials } from './camera-credentials.ts';
import type { CameraRecord, ResolvedProfile } from './camera-record.ts';
import type { CameraStore } from './camera-store.ts';

interface RegistryCatalogOptions {
  readonly store: Pick<CameraStore, 'get' | 'alwaysOn'>;
  readonly credentials: Pick<CameraCredentials, 'open'>;
  readonly log: Log;
}

export class RegistryCatalog implements CameraCatalog {
  readonly #options: RegistryCatalogOptions;

  constructor(options: RegistryCatalogOptions) {
    this.#options = options;
  }

  async find(cameraId: CameraId): Promise<StreamableCamera | undefined> {
    const record = await this.#options.store.get(cameraId);
    return record === undefined ? undefined : this.#streamable(record);
  }

  async alwaysOn(): Promise<readonly StreamableCamera[]> {
    const records = await this.#options.store.alwaysOn();
    return Promise.all(records.map((record) => this.#streamable(record)));
  }

  async #streamable(record: CameraRecord): Promise<StreamableCamera> {
    const { id, name, pull, idleTtlSeconds } = record;
    return { id, name, pull, idleTtlSeconds, profiles: await this.#profiles(record) };
  }

  /** None when the password cannot be read: asking without it could lock the account at the camera. */
  async #profiles(record: CameraRecord): Promise<StreamableCamera['profiles']> {
    const { credentials, log } = this.#options;
    let password: string | undefined;
    try {
      password = await credentials.open(record);
    } catch (err) {
      log.error({ err, cameraId: record.id }, 'camera left out: its password cannot be read');
      return [];
    }
    return record.profiles.map(({ url, ...profile }) => ({
      ...profile,
      source: sourceOf(record, { url }, password),
    }));
  }
}

/** What a node opens; the URL holds no credentials. */
export function sourceOf(
  record: Pick<CameraRecord, 'source'>,
  profile: Pick<ResolvedProfile, 'url'>,
  password: string | undefined,
): Extract<StreamSource, { kind: 'rtsp' }> {
  const { transport, username } = record.source;
  return {
    kind: 'rtsp',
    url: profile.url,
    transport,
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
  };
}
