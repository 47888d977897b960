import type { CameraId } from '@vedette/contracts';
import type { CameraRecord } from './camera-record.ts';
import type { Envelope, Sealed } from './secrets/envelope.ts';

/** Passwords of cameras: sealed for the database, opened at the last moment. */
export class CameraCredentials {
  readonly #envelope: Envelope;

  constructor(options: { envelope: Envelope }) {
    this.#envelope = options.envelope;
  }

  /** Null for no password. What is sealed for one camera cannot be opened for another. */
  async seal(id: CameraId, password: string | undefined): Promise<Sealed | null> {
    return password === undefined || password === '' ? null : this.#envelope.seal(password, ownerOf(id));
  }

  /** Undefined when there is none. Throws `unavailable` when the master key is another one. */
  async open(camera: Pick<CameraRecord, 'id' | 'sealedPassword'>): Promise<string | undefined> {
    if (camera.sealedPassword === null) return undefined;
    return this.#envelope.open(camera.sealedPassword, ownerOf(camera.id));
  }
}

function ownerOf(id: CameraId): string {
  return `camera ${id}`;
}
