import type { Database } from '../database/database.ts';
import type { Envelope } from '../registry/secrets/envelope.ts';
import { FolderSecrets } from './folder-secrets.ts';
import type { KeptSecrets } from './kept-secrets.ts';
import { SharedSecretStore } from './shared-secret-store.ts';
import { SharedSecrets } from './shared-secrets.ts';

/** In the data folder, or in the database where other control processes work on it too. */
export function openSecrets(options: {
  readonly database: Database;
  readonly dataDir: string;
  readonly envelope: Envelope;
  readonly isShared: boolean;
}): KeptSecrets {
  const { database, dataDir, envelope, isShared } = options;
  const folder = new FolderSecrets({ dataDir });
  if (!isShared) return folder;
  return new SharedSecrets({ store: new SharedSecretStore({ database }), envelope, folder });
}
