import type { CameraId, TenantId } from '@vedette/contracts';
import type { CameraRecord } from './camera-record.ts';
import type { Envelope, Sealed, Sealer } from './secrets/envelope.ts';

/** Passwords of cameras: sealed for the database, opened at the last moment. */
export class CameraCredentials {
  readonly #envelope: Envelope;

  constructor(options: { envelope: Envelope }) {
    this.#envelope = options.envelope;
  }

  /** To be had before a transaction begins, and disposed of. Throws `unavailable`. */
  sealer(tenantId: TenantId): Promise<Sealer> {
    return this.#envelope.sealer(tenantId);
  }

  /** Null for no password. What is sealed for one camera cannot be opened for another. */
  seal(sealer: Sealer, id: CameraId, password: string | undefined): Sealed | null {
    return password === undefined || password === '' ? null : sealer.seal(password, ownerOf(id));
  }

  /** Undefined when there is none. Throws `unavailable` when the master key is another one. */
  async open(camera: Pick<CameraRecord, 'id' | 'sealedPassword'>): Promise<string | undefined> {
    if (camera.sealedPassword === null) return undefined;
    return this.#envelope.open(camera.sealedPassword, ownerOf(camera.id));
  }
}

/** What the password of a camera is sealed for. */
export function ownerOf(id: CameraId): string {
  return `camera ${id}`;
}
