// Enters: the whole set of desired streams, lines of MediaMTX's log. Leaves: the paths that MediaMTX should have for them.
// Not its job: telling MediaMTX (path-reconciler.ts), viewers.
import type { DesiredStream, StreamPath } from '@vedette/contracts';
import type { AddressRules, Clock, Log } from '@vedette/runtime';
import { rejectedAfterMs } from '../../ingest/retry/retry-plan.ts';
import { FenceMemory } from '../fence-memory.ts';
import type { PathSettings } from './mediamtx-api.ts';
import { type PathDefaults, planPath } from './path-plan.ts';
import { type PullNews, readPullLog } from './pull-log.ts';
import { sourceAddress } from './source-address.ts';
import { StreamRecord } from './stream-record.ts';

export interface StreamRecordsOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly random: () => number;
  readonly rules: Pick<AddressRules, 'refusal'>;
  readonly defaults: PathDefaults;
  /** Other paths are wanted than before. */
  readonly onWanted: () => void;
  readonly onDropped: (path: StreamPath) => void;
}

/** A camera's name may lead elsewhere by then. */
const ADDRESS_HOLDS_MS = 30_000;

export class StreamRecords {
  readonly #options: StreamRecordsOptions;
  readonly #records = new Map<StreamPath, StreamRecord>();
  readonly #fences = new FenceMemory();
  #bytesInBefore = 0;

  constructor(options: StreamRecordsOptions) {
    this.#options = options;
  }

  apply(desired: readonly DesiredStream[]): void {
    const named = new Set<StreamPath>();
    for (const stream of desired) {
      named.add(stream.path);
      if (!this.#fences.passes(stream, (path) => this.#records.has(path))) continue;
      const record = this.#records.get(stream.path);
      if (record === undefined) this.#open(stream);
      else if (JSON.stringify(stream) !== JSON.stringify(record.desired)) this.#update(record, stream);
    }
    for (const [path, record] of this.#records) {
      if (named.has(path)) continue;
      this.#records.delete(path);
      this.#bytesInBefore += record.bytesIn;
      this.#options.onDropped(path);
    }
    this.#options.onWanted();
  }

  get(path: string): StreamRecord | undefined {
    return this.#records.get(path as StreamPath);
  }

  values(): StreamRecord[] {
    return [...this.#records.values()];
  }

  /** From all sources, dropped ones included. */
  bytesIn(): number {
    return this.values().reduce((sum, record) => sum + record.bytesIn, this.#bytesInBefore);
  }

  wantedPaths(): Map<StreamPath, PathSettings> {
    const now = this.#options.clock.now();
    const paths = new Map<StreamPath, PathSettings>();
    for (const [path, { heldUntilMs, plan }] of this.#records)
      if (plan?.kind === 'path' && heldUntilMs <= now) paths.set(path, plan.settings);
    return paths;
  }

  /** Takes note of what a line says of a pull; undefined when it says nothing. */
  heard(line: string): PullNews | undefined {
    const told = readPullLog(line);
    const record = told === undefined ? undefined : this.get(told.path);
    if (told === undefined || record === undefined) return undefined;
    record.heard(told.news);
    if (told.news.kind === 'failed') this.#failed(record, told.news);
    return told.news;
  }

  /** Looks names up again that led to nothing for a while. */
  lookUpAgain(): void {
    const now = this.#options.clock.now();
    for (const record of this.#records.values()) {
      const isStale = !record.live && now - record.plannedAtMs > ADDRESS_HOLDS_MS;
      if (isStale && record.desired.source.kind === 'rtsp') void this.#plan(record);
    }
  }

  clear(): void {
    this.#records.clear();
  }

  #open(desired: DesiredStream): void {
    const record = new StreamRecord({ desired, clock: this.#options.clock });
    this.#records.set(desired.path, record);
    void this.#plan(record);
  }

  #update(record: StreamRecord, desired: DesiredStream): void {
    if (JSON.stringify(desired.source) !== JSON.stringify(record.desired.source)) record.heldUntilMs = 0;
    record.desired = desired;
    void this.#plan(record);
  }

  async #plan(record: StreamRecord): Promise<void> {
    const { desired } = record;
    record.plannedAtMs = this.#options.clock.now();
    const address = await sourceAddress(desired.source, this.#options.rules);
    if (record.desired !== desired || this.#records.get(desired.path) !== record) return;
    record.plan =
      address.kind === 'refused'
        ? { kind: 'impossible', reason: address.reason, detail: address.detail }
        : planPath(desired, address.host, this.#options.defaults);
    this.#options.onWanted();
  }

  /** A wrong password asked every five seconds locks the account: the path goes away for as long as a native pull waits. */
  #failed(record: StreamRecord, { detail, reason }: Extract<PullNews, { kind: 'failed' }>): void {
    const { clock, log, onWanted, random } = this.#options;
    const { cameraId, profile } = record.desired;
    log.warn({ cameraId, profile, reason }, detail);
    if (reason !== 'camera_credentials_rejected') return;
    record.heldUntilMs = clock.now() + rejectedAfterMs(record.rejections, random);
    onWanted();
  }
}
