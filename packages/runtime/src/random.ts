import { randomFillSync } from 'node:crypto';

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';
const ID_LENGTH = 20;
const POOL_BYTES = 4096;

/** Random bytes are drawn many ids at a time: a system call for each request would cost more than the request's routing. */
class IdPool {
  readonly #bytes = new Uint8Array(POOL_BYTES);
  #used = POOL_BYTES;

  next(): string {
    if (this.#used + ID_LENGTH > POOL_BYTES) {
      randomFillSync(this.#bytes);
      this.#used = 0;
    }
    let id = '';
    for (let i = 0; i < ID_LENGTH; i += 1) id += ALPHABET[(this.#bytes[this.#used + i] ?? 0) & 31];
    this.#used += ID_LENGTH;
    return id;
  }
}

const pool = new IdPool();

/** 100 random bits as 20 characters of Crockford's base 32, fit for ids in paths. */
export function newId(): string {
  return pool.next();
}

/** 256 random bits, base64url. */
export function newSecret(): string {
  return Buffer.from(randomFillSync(new Uint8Array(32))).toString('base64url');
}
