// In: the id of a camera. Out: all that starting it needs, with its credentials in clear.
// Not its job: remembering answers (streams/cached-camera-catalog.ts), changing cameras (camera-service.ts).
import { setImmediate } from 'node:timers/promises';
import type { CameraId, OutputTarget, StreamSource } from '@vedette/contracts';
import type { Log } from '@vedette/runtime';
import { type CameraCatalog, type StreamableCamera, streamPath } from '../streams/camera-catalog.ts';
import type { PathNames } from '../streams/path-names.ts';
import type { CameraCredentials } from './camera-credentials.ts';
import type { CameraOutputs } from './camera-outputs.ts';
import {
  type CameraRecord,
  type CameraSource,
  offeredProfile,
  type ResolvedProfile,
} from './camera-record.ts';
import type { CameraStore } from './camera-store.ts';
import { renditionSpec } from './rendition-spec.ts';
import { hostsOf } from './source-hosts.ts';

interface RegistryCatalogOptions {
  readonly store: Pick<CameraStore, 'get' | 'idNamed' | 'alwaysOn' | 'all'>;
  readonly credentials: Pick<CameraCredentials, 'open'>;
  readonly outputs: Pick<CameraOutputs, 'open'>;
  readonly log: Log;
}

const AT_ONCE = 20;

export class RegistryCatalog implements CameraCatalog, PathNames {
  readonly #options: RegistryCatalogOptions;

  constructor(options: RegistryCatalogOptions) {
    this.#options = options;
  }

  async find(cameraId: CameraId): Promise<StreamableCamera | undefined> {
    const record = await this.#options.store.get(cameraId);
    return record === undefined ? undefined : this.#streamable(record);
  }

  cameraNamed(pathName: string): Promise<CameraId | undefined> {
    return this.#options.store.idNamed(pathName);
  }

  async alwaysOn(): Promise<readonly StreamableCamera[]> {
    const records = await this.#options.store.alwaysOn();
    return Promise.all(records.map((record) => this.#streamable(record)));
  }

  /** Every camera, some at a time: opening their passwords must hold nobody up. */
  async *all(): AsyncGenerator<readonly StreamableCamera[]> {
    const records = await this.#options.store.all();
    for (let i = 0; i < records.length; i += AT_ONCE) {
      yield await Promise.all(records.slice(i, i + AT_ONCE).map((record) => this.#streamable(record)));
      await setImmediate();
    }
  }

  async #streamable(record: CameraRecord): Promise<StreamableCamera> {
    const { groupIds, id, idleTtlSeconds, maxConnections, name, pathName, pull, siteId, tags } = record;
    const { source, tenantId, tier } = record;
    const profiles = await this.#profiles(record);
    const outputs = await this.#outputs(record);
    // An encoder comes when it likes, and costs nothing while it is not there; what is sent elsewhere has a viewer always.
    const isAlwaysOn = record.source.kind === 'publish' || outputs.length > 0;
    return {
      id,
      tenantId,
      siteId,
      groupIds,
      tags,
      tier,
      pathName,
      kind: source.kind,
      host: hostsOf(source)[0] ?? null,
      maxConnections,
      name,
      pull: isAlwaysOn ? 'always-on' : pull,
      idleTtlSeconds,
      profiles,
      outputs,
    };
  }

  async #outputs(record: CameraRecord): Promise<readonly OutputTarget[]> {
    const { log, outputs } = this.#options;
    try {
      return await outputs.open(record.id, record.outputs);
    } catch (err) {
      log.error({ err, cameraId: record.id }, 'a camera is not sent elsewhere: a key for it cannot be read');
      return [];
    }
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
    return streamableProfiles(record, password);
  }
}

/** What the camera sends, and what we make of it where it sends no such stream itself. */
function streamableProfiles(
  record: CameraRecord,
  password: string | undefined,
): StreamableCamera['profiles'] {
  const own = record.profiles.flatMap((profile) => {
    const source = sourceOf(record, profile, password);
    return source === undefined ? [] : [{ ...offeredProfile(profile), source }];
  });
  const main = own.find(({ name }) => name === 'main');
  if (main === undefined || record.source.kind === 'http-audio') return own;
  const made = record.renditions
    .filter(({ profile }) => !own.some(({ name }) => name === profile))
    .map((rendition) => {
      const spec = renditionSpec(rendition);
      return {
        name: rendition.profile,
        codec: 'h264',
        width:
          main.width === null || main.height === null
            ? null
            : Math.round((main.width * spec.height) / main.height),
        height: spec.height,
        frameRate: spec.frameRate,
        source: { kind: 'rendition' as const, of: streamPath(record.id, 'main'), spec },
      };
    });
  return [...own, ...made];
}

/** What a node opens; URLs hold no credentials. Undefined for an encoder that could not prove who it is. */
export function sourceOf(
  record: Pick<CameraRecord, 'source'>,
  profile: Pick<ResolvedProfile, 'url'>,
  password: string | undefined,
): StreamSource | undefined {
  const { source } = record;
  switch (source.kind) {
    case 'rtsp':
    case 'onvif':
      return rtspSourceOf({ source }, profile, password);
    case 'file':
      return source;
    case 'http':
    case 'http-audio':
      return { ...source, ...(password === undefined ? {} : { password }) };
    case 'publish':
      if (source.username === undefined || password === undefined) return undefined;
      return { ...source, username: source.username, password };
  }
}

export function rtspSourceOf(
  { source }: { readonly source: CameraSource },
  profile: Pick<ResolvedProfile, 'url'>,
  password: string | undefined,
): Extract<StreamSource, { kind: 'rtsp' }> {
  const { transport, username } = source;
  const certificate = source.kind === 'rtsp' ? source.certificate : undefined;
  return {
    kind: 'rtsp',
    url: profile.url,
    transport,
    ...(certificate === undefined ? {} : { certificate }),
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
  };
}
