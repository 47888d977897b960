import { AuditHash, AuditHead } from '@vedette/contracts';
import { z } from 'zod';
import { readOwnFile, writeOwnFile } from '../database/own-file.ts';

/** `closed`: its writer is no more, and wrote nothing after it. */
export const KeptHead = AuditHead.extend({ closed: z.boolean().optional() });
export type KeptHead = z.infer<typeof KeptHead>;

/** What was signed for, as it was known outside the database. */
export const KeptEnds = z.object({
  heads: z.array(KeptHead),
  /** The newest seal that this process has made. */
  seal: z.object({ seq: z.int(), hash: AuditHash }).nullable(),
});
export type KeptEnds = z.infer<typeof KeptEnds>;

/** One a life of a process; what older ones wrote, the chain of seals holds. */
const MAX_HEADS = 1000;
const NOTHING: KeptEnds = { heads: [], seal: null };

/** A file in the data folder with where chains and seals stood: who removes their ends from the database is found. */
export class KeptHeads {
  readonly #file: string;
  #kept: KeptEnds;

  /** Throws when there is a file that is damaged: somebody may have wanted it so. */
  constructor(options: { readonly file: string }) {
    this.#file = options.file;
    const text = readOwnFile(options.file);
    this.#kept = text === undefined ? NOTHING : KeptEnds.parse(JSON.parse(text));
  }

  get kept(): KeptEnds {
    return this.#kept;
  }

  /** On the disk when it returns. Throws when the disk takes no more. */
  keep(heads: readonly KeptHead[], seal: KeptEnds['seal'] = this.#kept.seal): void {
    const writers = new Set(heads.map(({ writer }) => writer));
    const others = this.#kept.heads.filter(({ writer }) => !writers.has(writer));
    this.#kept = { heads: [...others, ...heads].slice(-MAX_HEADS), seal };
    writeOwnFile(this.#file, JSON.stringify(this.#kept));
  }
}
