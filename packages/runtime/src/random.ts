import { randomFillSync } from 'node:crypto';

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';
const ID_LENGTH = 20;
const POOL_BYTES = 200 * ID_LENGTH;

/** 100 random bits as 20 characters of Crockford's base 32, fit for ids in paths. */
export function newId(): string {
  return encode(randomFillSync(new Uint8Array(ID_LENGTH)), 0);
}

/** Ids for who needs very many: random bytes are drawn for 200 at a time, a system call each would cost too much. */
export function idSource(): () => string {
  const bytes = new Uint8Array(POOL_BYTES);
  let used = POOL_BYTES;
  return () => {
    if (used + ID_LENGTH > POOL_BYTES) {
      randomFillSync(bytes);
      used = 0;
    }
    used += ID_LENGTH;
    return encode(bytes, used - ID_LENGTH);
  };
}

function encode(bytes: Uint8Array, from: number): string {
  let id = '';
  for (let i = from; i < from + ID_LENGTH; i += 1) id += ALPHABET[(bytes[i] ?? 0) & 31];
  return id;
}

/** 256 random bits, base64url. */
export function newSecret(): string {
  return Buffer.from(randomFillSync(new Uint8Array(32))).toString('base64url');
}
