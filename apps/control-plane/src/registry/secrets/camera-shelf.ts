import { isDeepStrictEqual } from 'node:util';
import type { TenantId } from '@vedette/contracts';
import type { Log } from '@vedette/runtime';
import { ownerOf as cameraOwner } from '../camera-credentials.ts';
import { ownerOf as outputOwner } from '../camera-outputs.ts';
import type { CameraRecord } from '../camera-record.ts';
import type { CameraStore } from '../camera-store.ts';
import type { Envelope } from './envelope.ts';
import type { SealedShelf } from './rotation.ts';

const AT_ONCE = 50;

/** Passwords of cameras, and the keys of where they are sent to. */
export class CameraShelf implements SealedShelf {
  readonly #store: Pick<CameraStore, 'sealed' | 'update'>;
  readonly #envelope: Pick<Envelope, 'seal' | 'open' | 'isOld'>;
  readonly #log: Log;
  /** Cannot be opened by any key at hand; not tried twice. */
  readonly #lost = new Set<string>();

  constructor(options: {
    readonly store: Pick<CameraStore, 'sealed' | 'update'>;
    readonly envelope: Pick<Envelope, 'seal' | 'open' | 'isOld'>;
    readonly log: Log;
  }) {
    this.#store = options.store;
    this.#envelope = options.envelope;
    this.#log = options.log;
  }

  async countOld(tenantId: TenantId, newest: number): Promise<number> {
    const records = await this.#store.sealed(tenantId);
    return records.reduce((sum, record) => sum + this.#old(record, newest), 0);
  }

  async resealSome(tenantId: TenantId, newest: number): Promise<number> {
    const records = await this.#store.sealed(tenantId);
    const some = records
      .filter((record) => !this.#lost.has(record.id) && this.#old(record, newest) > 0)
      .slice(0, AT_ONCE);
    for (const record of some) {
      const again = await this.#resealed(record, newest);
      if (this.#old({ ...record, ...again }, newest) > 0) this.#lost.add(record.id);
      // Whoever has changed it meanwhile has sealed it anew; what he has not changed comes in the next round.
      await this.#store.update(record.id, async ({ outputs, sealedPassword }) =>
        isDeepStrictEqual([outputs, sealedPassword], [record.outputs, record.sealedPassword]) ? again : {},
      );
    }
    return some.length;
  }

  #old({ outputs, sealedPassword, tenantId }: CameraRecord, newest: number): number {
    const sealed = [sealedPassword, ...outputs.map(({ sealedSecret }) => sealedSecret)];
    return sealed.filter((each) => each !== null && this.#envelope.isOld(each, tenantId, newest)).length;
  }

  async #resealed(camera: CameraRecord, newest: number) {
    const { id, outputs, sealedPassword } = camera;
    const again = async (sealed: unknown, owner: string) => {
      if (sealed === null || !this.#envelope.isOld(sealed, camera.tenantId, newest)) return sealed;
      try {
        return await this.#envelope.seal(camera.tenantId, await this.#envelope.open(sealed, owner), owner);
      } catch (err) {
        this.#log.error({ err, cameraId: id }, 'a secret of a camera cannot be opened; enter it again');
        return sealed;
      }
    };
    return {
      sealedPassword: await again(sealedPassword, cameraOwner(id)),
      outputs: await Promise.all(
        outputs.map(async (output) => ({
          ...output,
          sealedSecret: await again(output.sealedSecret, outputOwner(id, output.id)),
        })),
      ),
    };
  }
}
