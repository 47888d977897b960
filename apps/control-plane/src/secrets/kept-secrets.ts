// Enters: the name of a secret that this system makes for itself. Leaves: it, the same at every start and in every
// control process that works on the same database.
// Not its job: secrets of cameras (registry/secrets/), secrets that people enter by settings.
import type { JWK } from 'jose';

export interface KeptSecrets {
  /**
   * A secret that a person or `vedette` may have to find: it is also the content of the file of that name in the data
   * folder. Made where there is none, by `make` if that is given. Throws `unavailable`.
   */
  token(name: string, make?: () => string): Promise<string>;
  /** A private key that nobody has to find. Throws `unavailable`, and an Error when what is kept is damaged. */
  signingKey(name: string, make: () => Promise<JWK>): Promise<JWK>;
}
