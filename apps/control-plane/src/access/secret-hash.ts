import { createHash } from 'node:crypto';

/** SHA-256 in hex, for secrets of 256 random bits: those need no slow hash, nobody guesses them. */
export function secretHash(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}
