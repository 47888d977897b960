// In: what an administrator wants of a camera. Out: the camera as kept, and news of it on the bus.
// Not its job: HTTP (camera-routes.ts), SQL (camera-store.ts), asking cameras (profile-reader.ts).
import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { CameraChange, CameraId, CameraInput, CameraSourceInput, TenantId } from '@vedette/contracts';
import { newSecret, VedetteError } from '@vedette/runtime';
import type { EventBus } from '../events/event-bus.ts';
import { invalidFields } from '../http/validation.ts';
import { streamPath } from '../streams/camera-catalog.ts';
import type { CameraCredentials } from './camera-credentials.ts';
import type { CameraOutputs } from './camera-outputs.ts';
import type { CameraRecord, StoredSource } from './camera-record.ts';
import { type CameraFields, CameraStore } from './camera-store.ts';
import { knownProfiles } from './known-profiles.ts';
import type { SourceCheck } from './source-check.ts';
import { hostsOf } from './source-hosts.ts';

interface CameraServiceOptions {
  readonly store: Pick<CameraStore, 'create' | 'get' | 'update' | 'remove'>;
  readonly credentials: CameraCredentials;
  readonly outputs: Pick<CameraOutputs, 'take'>;
  readonly sourceCheck: Pick<SourceCheck, 'check'>;
  readonly bus: Pick<EventBus, 'publish'>;
  /** Begins to ask an ONVIF camera what it offers; returns at once. */
  readonly readProfiles: (camera: CameraRecord) => void;
}

/** Fits an RTMP stream key beside the name, and an SRT passphrase. */
const PUBLISH_PASSWORD_CHARS = 32;

export interface CreatedCamera {
  readonly camera: CameraRecord;
  /** Of an encoder, to be told once; undefined for every other kind, and when the request was repeated. */
  readonly publishPassword: string | undefined;
}

export class CameraService {
  readonly #options: CameraServiceOptions;

  constructor(options: CameraServiceOptions) {
    this.#options = options;
  }

  /**
   * Throws `invalid_request` or `source_not_allowed` naming fields, and `conflict` when the idempotency
   * key was used for another request.
   */
  async create(
    tenantId: TenantId,
    input: CameraInput,
    idempotency?: { readonly principalId: string; readonly key: string },
  ): Promise<CreatedCamera> {
    const { store, credentials, outputs, sourceCheck } = this.#options;
    await sourceCheck.check(input.source);
    const id = CameraStore.newId();
    using sealer = await credentials.sealer(tenantId);
    const { stored, password } = withPublisher(splitSource(input.source), id);
    const outcome = await store.create(
      {
        id,
        tenantId,
        siteId: input.siteId,
        groupIds: input.groupIds,
        tags: input.tags,
        tier: input.tier,
        pathName: input.pathName,
        maxConnections: input.maxConnections,
        watched: input.watched,
        name: input.name,
        source: stored,
        sealedPassword: credentials.seal(sealer, id, password),
        pull: input.pull,
        idleTtlSeconds: input.idleTtlSeconds,
        renditions: input.renditions,
        outputs: await outputs.take(id, input.outputs ?? [], [], sealer),
        profiles: knownProfiles(stored),
        device: null,
        onvif: null,
      },
      idempotency === undefined
        ? undefined
        : { ...idempotency, requestHash: hashOf({ ...input, source: splitSource(input.source).stored }) },
    );
    if (outcome.kind === 'key_used') {
      throw new VedetteError('conflict', {
        detail: 'This Idempotency-Key was used for another request. Use a new one.',
      });
    }
    if (outcome.kind === 'created') this.#changed(outcome.camera, true);
    const isMade = outcome.kind === 'created' && stored.kind === 'publish' && password !== undefined;
    return { camera: outcome.camera, publishPassword: isMade ? password : undefined };
  }

  /** Throws `camera_not_found`, and what `create` throws. */
  async change(id: string, change: CameraChange): Promise<CameraRecord> {
    const { store, credentials, outputs, sourceCheck } = this.#options;
    const { source, outputs: sentTo, ...fields } = change;
    if (source !== undefined) await sourceCheck.check(source);
    let sourceChanged = false;
    const before = await store.get(id);
    if (before === undefined) throw new VedetteError('camera_not_found');
    using sealer = await credentials.sealer(before.tenantId);
    const changed = await store.update(id, async (current): Promise<CameraFields> => {
      const plain =
        sentTo === undefined
          ? fields
          : { ...fields, outputs: await outputs.take(current.id, sentTo, current.outputs, sealer) };
      if (source === undefined) return plain;
      const given = splitSource(source);
      const { stored, password } = withNameOf(current, given);
      if (password === undefined) keepsPassword(current, stored);
      const sealedPassword =
        password === undefined ? current.sealedPassword : credentials.seal(sealer, current.id, password);
      sourceChanged = password !== undefined || !isDeepStrictEqual(current.source, stored);
      if (!sourceChanged) return plain;
      return {
        ...plain,
        source: stored,
        sealedPassword,
        sourceRevision: current.sourceRevision + 1,
        profiles: knownProfiles(stored),
        device: null,
        onvif: null,
      };
    });
    if (changed === undefined) throw new VedetteError('camera_not_found');
    this.#changed(changed, sourceChanged);
    return changed;
  }

  /** Its views end. Throws `camera_not_found`. */
  async remove({ id, tenantId }: Pick<CameraRecord, 'id' | 'tenantId'>): Promise<void> {
    if (!(await this.#options.store.remove(id))) throw new VedetteError('camera_not_found');
    this.#options.bus.publish({ type: 'camera.deleted', cameraId: id }, { tenantId });
  }

  #changed(camera: CameraRecord, sourceChanged: boolean): void {
    this.#options.bus.publish({ type: 'camera.changed', cameraId: camera.id });
    if (sourceChanged && camera.source.kind === 'onvif') this.#options.readProfiles(camera);
  }
}

/** An encoder without credentials of its own gets some: the name of its path, and a password nobody guesses. */
function withPublisher(
  { password, stored }: ReturnType<typeof splitSource>,
  id: CameraId,
): ReturnType<typeof splitSource> {
  if (stored.kind !== 'publish') return { stored, password };
  const username = stored.username ?? streamPath(id, 'main');
  return {
    stored: { ...stored, username },
    password:
      password === undefined || password === '' ? newSecret().slice(0, PUBLISH_PASSWORD_CHARS) : password,
  };
}

export function splitSource(source: CameraSourceInput): {
  stored: StoredSource;
  password: string | undefined;
} {
  if (source.kind === 'file') return { stored: source, password: undefined };
  const { password, ...rest } = source;
  // An empty user name in a form means none.
  const { username, ...stored } = rest;
  return {
    stored: username === undefined || username === '' ? stored : { ...stored, username },
    password,
  };
}

/** An encoder's name stays where no other is given. */
function withNameOf(
  current: CameraRecord,
  given: ReturnType<typeof splitSource>,
): ReturnType<typeof splitSource> {
  if (given.stored.kind !== 'publish') return given;
  if (current.source.kind !== 'publish') {
    // A password is made only where it can be told, and a change tells none.
    if (given.password === undefined || given.password === '')
      throw invalidFields({
        path: 'source.password',
        message: 'give the password that the encoder will use',
      });
    return withPublisher(given, current.id);
  }
  const username = given.stored.username ?? current.source.username ?? streamPath(current.id, 'main');
  return { ...given, stored: { ...given.stored, username } };
}

/** The stored password is for the place it was given for: it is not sent elsewhere without being asked for again. */
function keepsPassword(current: CameraRecord, next: StoredSource): void {
  if (current.sealedPassword === null) return;
  const before = hostsOf(current.source);
  if (hostsOf(next).every((host) => before.includes(host))) return;
  throw invalidFields({
    path: 'source.password',
    message: 'give the password again, since the address has changed; an empty one means none',
  });
}

function hashOf(request: unknown): string {
  return createHash('sha256').update(JSON.stringify(request)).digest('hex');
}
