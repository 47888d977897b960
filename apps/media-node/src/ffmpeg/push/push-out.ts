// Enters: a stream and an address elsewhere. Leaves: the stream, sent there by RTMP or SRT, until it is stopped.
// Tries again by itself. Not its job: whether that address is allowed, keeping the stream pulled.
import type { ReasonCode } from '@vedette/contracts';
import { backoffMs, type Clock, fullJitter, type Log } from '@vedette/runtime';
import type { StreamHub } from '../../hub/stream-hub.ts';
import { SourceError } from '../../ingest/source-error.ts';
import type { LoopbackPort } from '../../loopback/loopback-port.ts';
import type { FfmpegJobs } from '../ffmpeg-jobs.ts';
import { LOOPBACK_INPUT } from '../published-job.ts';
import { type PushTarget, planPush } from './push-target.ts';
import { secretOptions } from './secret-options.ts';

export interface PushOutOptions {
  readonly hub: StreamHub;
  readonly target: PushTarget;
  /** Rejects with SourceError where we may not go; asked before each attempt. */
  readonly mayReach?: () => Promise<void>;
  readonly jobs: Pick<FfmpegJobs, 'run'>;
  readonly loopback: Pick<LoopbackPort, 'serve'>;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
  readonly onChange: (state: PushState) => void;
}

export interface PushState {
  readonly isLive: boolean;
  readonly reason: ReasonCode;
  /** For people; holds no secret. */
  readonly detail: string | null;
}

const RETRY = { baseMs: 1000, capMs: 60_000 };
const RETRY_FLOOR_MS = 500;
const HEALTHY_MS = 30_000;
const STALL_MS = 10_000;
const TRACKS_MS = 250;

export class PushOut {
  readonly #options: PushOutOptions;
  readonly #stop = new AbortController();
  readonly #done: Promise<void>;
  #state: PushState = { isLive: false, reason: 'connecting', detail: null };

  constructor(options: PushOutOptions) {
    this.#options = options;
    this.#done = this.#keepRunning();
  }

  get state(): PushState {
    return this.#state;
  }

  /** Resolves when the process is gone; may be repeated. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#done;
  }

  async #keepRunning(): Promise<void> {
    const { clock, random, log } = this.#options;
    const { signal } = this.#stop;
    for (let attempt = 0; !signal.aborted; attempt += 1) {
      const startedMs = clock.now();
      try {
        await this.#runOnce(signal);
        this.#tell({ isLive: false, reason: 'reconnecting', detail: null });
      } catch (error) {
        const known = error instanceof SourceError;
        const reason = known ? error.code : 'ffmpeg_failed';
        this.#tell({
          isLive: false,
          reason,
          detail: known ? error.message : 'The stream could not be sent.',
        });
        log.warn({ reason, err: error }, 'a stream could not be sent elsewhere');
      }
      if (clock.now() - startedMs >= HEALTHY_MS) attempt = 0;
      const waitMs = Math.max(RETRY_FLOOR_MS, fullJitter(backoffMs(attempt, RETRY), random));
      await clock.sleep(waitMs, signal).catch(() => undefined);
    }
  }

  async #runOnce(signal: AbortSignal): Promise<void> {
    const { hub, target, jobs, loopback, clock } = this.#options;
    while (hub.currentTracks.length === 0 && !signal.aborted)
      await clock.sleep(TRACKS_MS, signal).catch(() => undefined);
    if (signal.aborted) return;
    await this.#options.mayReach?.();
    const plan = planPush(target, hub.currentTracks);
    await using hidden = await secretOptions(plan.secretOptions);
    const over = new AbortController();
    const url = loopback.serve({ hub, signal: AbortSignal.any([signal, over.signal]) });
    try {
      await jobs.run(
        {
          name: `push-${target.via}`,
          args: [...LOOPBACK_INPUT, '-i', url, ...plan.codecs, ...hidden.args, ...plan.output],
          fileDescriptor: hidden.fileDescriptor,
          secrets: [...plan.secrets, url],
          stdin: { kind: 'none' },
          stall: { ms: STALL_MS, from: 'start' },
          onQueued: () => this.#tell({ isLive: false, reason: 'ffmpeg_queued', detail: null }),
          onProgress: ({ outTimeMs }) => {
            if ((outTimeMs ?? 0) > 0) this.#tell({ isLive: true, reason: 'live', detail: null });
          },
        },
        signal,
      );
    } finally {
      over.abort();
    }
  }

  #tell(state: PushState): void {
    if (JSON.stringify(state) === JSON.stringify(this.#state)) return;
    this.#state = state;
    this.#options.onChange(state);
  }
}
