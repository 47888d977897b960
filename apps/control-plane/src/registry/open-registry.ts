// Wires the registry room: cameras, their secrets, and whoever asks them what they offer.
import { join } from 'node:path';
import type { Log } from '@vedette/runtime';
import type { Database } from '../database/database.ts';
import type { EventBus } from '../events/event-bus.ts';
import type { AddressRules } from './address-rules.ts';
import { CameraCredentials } from './camera-credentials.ts';
import { CameraService } from './camera-service.ts';
import { CameraStore } from './camera-store.ts';
import { RegistryCatalog } from './registry-catalog.ts';
import { Envelope } from './secrets/envelope.ts';
import { LocalKeyProvider } from './secrets/local-key-provider.ts';
import { type Resolve, SourceCheck } from './source-check.ts';

export interface Registry {
  readonly store: CameraStore;
  readonly cameras: CameraService;
  /** For the streams. */
  readonly catalog: RegistryCatalog;
}

export function openRegistry(options: {
  readonly database: Database;
  readonly dataDir: string;
  /** 64 hexadecimal digits; without it the key is kept in the data folder. */
  readonly masterKey: string | undefined;
  readonly rules: Pick<AddressRules, 'refusal'>;
  readonly resolve: Resolve;
  readonly bus: Pick<EventBus, 'publish'>;
  readonly log: Log;
}): Registry {
  const { database, rules, resolve, bus, log } = options;
  const credentials = new CameraCredentials({ envelope: new Envelope({ providers: keyProviders(options) }) });
  const store = new CameraStore({ database });
  const sourceCheck = new SourceCheck({ rules, resolve });
  const cameras = new CameraService({ store, credentials, sourceCheck, bus, readProfiles: () => undefined });
  const catalog = new RegistryCatalog({ store, credentials, log });
  return { store, cameras, catalog };
}

/** With a key from the environment, what the key of the data folder has sealed before stays readable. */
function keyProviders(options: {
  readonly dataDir: string;
  readonly masterKey: string | undefined;
}): readonly [LocalKeyProvider, ...LocalKeyProvider[]] {
  const file = join(options.dataDir, 'keys/master.key');
  if (options.masterKey === undefined) return [LocalKeyProvider.fromFile(file)];
  const older = LocalKeyProvider.fromFileIfThere(file);
  const own = LocalKeyProvider.fromEnvironment(options.masterKey);
  return older === undefined ? [own] : [own, older];
}
