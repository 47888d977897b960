// Enters: what somebody did. Leaves: a record in this process's chain, in the database soon, signed for every minute.
// Nobody waits for it, and nothing that goes wrong here reaches who did it.
// Not its job: what is worth writing down, searching, verifying.
import type { KeyObject } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import type { AuditEvent, AuditHead, AuditRecord } from '@vedette/contracts';
import type { Clock, Log } from '@vedette/runtime';
import { AuditChain, GENESIS, sealHeads } from './audit-chain.ts';
import type { AuditSpool } from './audit-spool.ts';
import type { AuditStore } from './audit-store.ts';
import type { KeptHead, KeptHeads } from './kept-heads.ts';

export interface AuditLogOptions {
  readonly writer: string;
  readonly store: Pick<AuditStore, 'add' | 'heads' | 'newestSeal' | 'addSeal'>;
  readonly spool: Pick<AuditSpool, 'append' | 'clear' | 'leftBehind' | 'remove' | 'sync'>;
  readonly kept: Pick<KeptHeads, 'keep' | 'kept'>;
  /** Ed25519. */
  readonly sealingKey: KeyObject;
  readonly clock: Clock;
  readonly log: Log;
}

/** Records that come within this go to the database together. */
const COMMIT_MS = 50;
/** PGlite keeps this process busy for a few ms with so many; starts go on between them. */
const BATCH = 100;
const RETRY_MS = 2000;
const SEAL_MS = 60_000;
/** Beyond this they stay on disk alone until the next start; memory is bounded. */
const MAX_WAITING = 100_000;
const SEAL_ATTEMPTS = 5;

export class AuditLog {
  readonly #options: AuditLogOptions;
  readonly #chain: AuditChain;
  #waiting: AuditRecord[] = [];
  /** The spool holds records that are not waiting here any more. */
  #overflowed = false;
  #committing: Promise<void> | undefined;
  #cancelCommit: (() => void) | undefined;
  #cancelSeal: () => void = () => undefined;
  #stored: AuditHead | undefined;
  /** Ends of chains that earlier processes wrote and did not come to sign. */
  #orphans: KeptHead[] = [];
  #sealed = 0;
  #closed = false;

  constructor(options: AuditLogOptions) {
    this.#options = options;
    this.#chain = new AuditChain({ writer: options.writer });
  }

  /**
   * Takes over what earlier processes could not store, and begins to sign; answers their chains, which are complete
   * now. Rejects when the database is away.
   */
  async start(): Promise<readonly { readonly writer: string; readonly seq: number }[]> {
    const { spool, store } = this.#options;
    const left: KeptHead[] = [];
    const closed: { writer: string; seq: number }[] = [];
    for (const { file, records, writer } of spool.leftBehind()) {
      for (let i = 0; i < records.length; i += BATCH) await store.add(records.slice(i, i + BATCH));
      spool.remove(file);
      const last = records.at(-1);
      closed.push({ writer, seq: last?.seq ?? 0 });
      // The data folder is ours alone, so that whoever wrote this is no more.
      if (last !== undefined)
        left.push({ writer: last.writer, seq: last.seq, hash: last.hash, closed: true });
    }
    if (left.length > 0) this.#keep(left);
    this.#orphans = [...left, ...(await this.#unsigned())];
    this.#sealLater();
    return closed;
  }

  /** Records made so far, stored or not. */
  get made(): number {
    return this.#chain.head?.seq ?? 0;
  }

  /** Of those, how many are not stored yet. */
  get waiting(): number {
    return this.made - (this.#stored?.seq ?? 0);
  }

  /** Where this process's chain stands in the database; undefined before its first record is there. */
  get storedHead(): AuditHead | undefined {
    return this.#stored;
  }

  /** Never throws, never waits. */
  append(event: Omit<AuditEvent, 'at'>): void {
    const { clock, log, spool } = this.#options;
    const record = this.#chain.append({ ...event, at: clock.wallNow() });
    try {
      spool.append(record);
    } catch (err) {
      log.error({ err }, 'an audit record could not be written to disk; it waits in memory alone');
    }
    if (this.#waiting.length < MAX_WAITING) this.#waiting.push(record);
    else if (!this.#overflowed) {
      this.#overflowed = true;
      log.error('more audit records wait for the database than memory may hold; the rest wait on disk');
    }
    this.#commitIn(COMMIT_MS);
  }

  /** Resolves once all that was appended before is stored, or could not be now. */
  async settled(): Promise<void> {
    this.#cancelCommit?.();
    this.#cancelCommit = undefined;
    await (this.#committing ?? this.#commit());
    if (this.#waiting.length > 0 && !this.#closed) await this.#commit();
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#cancelSeal();
    await this.settled();
    if (this.#waiting.length === 0) await this.#seal().catch(() => undefined);
    else this.#options.spool.sync();
    const head = this.#stored;
    if (head !== undefined && head.seq === this.#chain.head?.seq) this.#keep([{ ...head, closed: true }]);
  }

  #commitIn(ms: number): void {
    if (this.#cancelCommit !== undefined || this.#committing !== undefined) return;
    this.#cancelCommit = this.#options.clock.after(ms, () => {
      this.#cancelCommit = undefined;
      void this.#commit();
    });
  }

  #commit(): Promise<void> {
    this.#committing ??= this.#commitAll().finally(() => {
      this.#committing = undefined;
      if (this.#waiting.length > 0 && !this.#closed) this.#commitIn(RETRY_MS);
    });
    return this.#committing;
  }

  async #commitAll(): Promise<void> {
    const { log, spool, store } = this.#options;
    try {
      while (this.#waiting.length > 0) {
        const batch = this.#waiting.slice(0, BATCH);
        await store.add(batch);
        this.#waiting = this.#waiting.slice(batch.length);
        const last = batch.at(-1);
        if (last !== undefined) this.#stored = { writer: last.writer, seq: last.seq, hash: last.hash };
        if (this.#waiting.length > 0) await setImmediate();
      }
      if (!this.#overflowed) spool.clear();
    } catch (err) {
      log.error({ err, waiting: this.#waiting.length }, 'audit records could not be stored; trying again');
    }
  }

  #sealLater(): void {
    if (this.#closed) return;
    this.#cancelSeal = this.#options.clock.after(SEAL_MS, () => {
      this.#seal()
        .catch((err: unknown) =>
          this.#options.log.error({ err }, 'the audit could not be signed; trying again'),
        )
        .finally(() => this.#sealLater());
    });
  }

  /** Signs for what is stored; another process may be first, then after it. */
  async #seal(): Promise<void> {
    const { clock, sealingKey, store } = this.#options;
    const head = this.#stored;
    const news = head !== undefined && head.seq > this.#sealed;
    const heads = [...this.#orphans, ...(news ? [head] : [])];
    if (heads.length === 0) return;
    for (let attempt = 0; attempt < SEAL_ATTEMPTS; attempt += 1) {
      const before = await store.newestSeal();
      const facts = {
        seq: (before?.seq ?? 0) + 1,
        at: clock.wallNow(),
        heads: heads.map(({ hash, seq, writer }) => ({ writer, seq, hash })),
        previous: before?.hash ?? GENESIS,
      };
      const seal = sealHeads(facts, sealingKey);
      if (await store.addSeal(seal)) {
        this.#sealed = head?.seq ?? 0;
        this.#orphans = [];
        this.#keep(heads, { seq: seal.seq, hash: seal.hash });
        return;
      }
    }
  }

  /** Of processes that ended without closing; what was added to a chain that was closed is not signed for. */
  async #unsigned(): Promise<KeptHead[]> {
    const { kept, store, writer } = this.#options;
    const known = new Map(kept.kept.heads.map((head) => [head.writer, head]));
    return (await store.heads()).filter((head) => {
      const before = known.get(head.writer);
      return head.writer !== writer && before?.closed !== true && head.seq > (before?.seq ?? 0);
    });
  }

  #keep(heads: readonly KeptHead[], seal?: { readonly seq: number; readonly hash: string }): void {
    const { kept, log } = this.#options;
    try {
      kept.keep(heads, seal);
    } catch (err) {
      log.error({ err }, 'where the audit stands could not be kept outside the database');
    }
  }
}
