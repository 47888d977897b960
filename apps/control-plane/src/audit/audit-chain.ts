import { createHash, type KeyObject, sign } from 'node:crypto';
import type { AuditEvent, AuditHead, AuditRecord, AuditSeal } from '@vedette/contracts';

/** Stands before the first record of a chain, and before the first seal. */
export const GENESIS = '0'.repeat(64);

/** One writer's chain: every record names the hash of the one before it. */
export class AuditChain {
  readonly #writer: string;
  #seq = 0;
  #hash = GENESIS;

  constructor(options: { readonly writer: string }) {
    this.#writer = options.writer;
  }

  /** Undefined before the first record. */
  get head(): AuditHead | undefined {
    return this.#seq === 0 ? undefined : { writer: this.#writer, seq: this.#seq, hash: this.#hash };
  }

  append(event: AuditEvent): AuditRecord {
    const link = {
      writer: this.#writer,
      seq: this.#seq + 1,
      event: JSON.stringify(event),
      previous: this.#hash,
    };
    const record = { ...link, hash: recordHash(link) };
    this.#seq = record.seq;
    this.#hash = record.hash;
    return record;
  }
}

export function recordHash({ event, previous, seq, writer }: Omit<AuditRecord, 'hash'>): string {
  return sha256([previous, writer, String(seq), event]);
}

export function sealHash({ at, heads, previous, seq }: Omit<AuditSeal, 'hash' | 'signature'>): string {
  const lines = heads.map((head) => `${head.writer} ${head.seq} ${head.hash}`);
  return sha256([previous, String(seq), String(at), ...lines]);
}

/** `privateKey`: Ed25519. */
export function sealHeads(facts: Omit<AuditSeal, 'hash' | 'signature'>, privateKey: KeyObject): AuditSeal {
  const heads = [...facts.heads].sort((a, b) => (a.writer < b.writer ? -1 : 1));
  const hash = sealHash({ ...facts, heads });
  const signature = sign(null, Buffer.from(hash, 'hex'), privateKey).toString('base64url');
  return { ...facts, heads, hash, signature };
}

/** Each part with its length before it, so that no two lists of parts are the same bytes. */
function sha256(parts: readonly string[]): string {
  const hash = createHash('sha256');
  for (const part of parts) {
    const bytes = Buffer.from(part, 'utf8');
    hash.update(`${bytes.byteLength}:`).update(bytes);
  }
  return hash.digest('hex');
}
