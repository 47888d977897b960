import { createHash } from 'node:crypto';
import { type Clock, sameSecret } from '@vedette/runtime';
import type { Credentials } from '../rtsp/digest-auth.ts';
import { child, text, type XmlNode } from './soap.ts';

/** How far `Created` may be from the camera's clock, either way. */
const WINDOW_MS = 5 * 60_000;
const MAX_REMEMBERED = 4096;
const DIGEST_TYPE = '#PasswordDigest';

/** Checks WS-Security username tokens (OASIS UsernameToken Profile 1.0) and refuses one that was used before. */
export class UsernameTokenVerifier {
  readonly #clock: Clock;
  readonly #credentials: Credentials;
  /** Digest of a used token, with the time until which it would still be accepted. */
  readonly #used = new Map<string, number>();

  constructor(options: { clock: Clock; credentials: Credentials }) {
    this.#clock = options.clock;
    this.#credentials = options.credentials;
  }

  /** 'absent' = the header has no token at all. */
  verify(header: XmlNode): 'granted' | 'refused' | 'absent' {
    const token = child(child(header, 'Security'), 'UsernameToken');
    if (token === undefined) return 'absent';
    const type = child(token, 'Password')?.['@Type'];
    const given = text(token, 'Password') ?? '';
    const nonce = Buffer.from(text(token, 'Nonce') ?? '', 'base64');
    const created = text(token, 'Created') ?? '';
    if (typeof type !== 'string' || !type.endsWith(DIGEST_TYPE)) return 'refused';
    if (nonce.length === 0 || !this.#isRecent(created)) return 'refused';
    if (!sameSecret(text(token, 'Username') ?? '', this.#credentials.username)) return 'refused';
    const expected = passwordDigest(nonce, created, this.#credentials.password);
    if (!sameSecret(given, expected) || !this.#remember(expected)) return 'refused';
    return 'granted';
  }

  #isRecent(created: string): boolean {
    const at = Date.parse(created);
    return !Number.isNaN(at) && Math.abs(this.#clock.wallNow() - at) <= WINDOW_MS;
  }

  /** False when this very token came before. The oldest are forgotten first when there are too many. */
  #remember(digest: string): boolean {
    const now = this.#clock.wallNow();
    for (const [old, until] of this.#used) {
      if (until > now && this.#used.size < MAX_REMEMBERED) break;
      this.#used.delete(old);
    }
    if (this.#used.has(digest)) return false;
    this.#used.set(digest, now + 2 * WINDOW_MS);
    return true;
  }
}

/** Base64(SHA-1(nonce + created + password)). */
export function passwordDigest(nonce: Uint8Array, created: string, password: string): string {
  return createHash('sha1').update(nonce).update(created).update(password).digest('base64');
}
