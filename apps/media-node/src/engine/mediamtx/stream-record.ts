import type { DesiredStream, ReasonCode, StreamHealth, StreamState } from '@vedette/contracts';
import type { Clock } from '@vedette/runtime';
import type { ApiPath } from './api-answers.ts';
import { mediaOf } from './codec-names.ts';
import type { PathPlan } from './path-plan.ts';
import type { PullNews } from './pull-log.ts';

/** A camera that had pictures within this is called reconnecting, then offline; as the native engine has it. */
const RECENT_MS = 60_000;
const OFFLINE_AFTER_FAILURES = 2;
const RATE_OVER_MS = 3000;

/** How MediaMTX and the ways in see a stream besides its path. */
export interface Surroundings {
  /** MediaMTX answers. */
  readonly reachable: boolean;
  readonly added: boolean;
  /** What it said when it refused the path. */
  readonly refusal: string | undefined;
  /** Somebody waits for pictures, or watches. */
  readonly demanded: boolean;
}

interface Verdict {
  readonly health: StreamHealth;
  readonly reason: ReasonCode;
  readonly detail: string | null;
}

/** One desired stream: what it was planned as, and what MediaMTX has told of it since. */
export class StreamRecord {
  readonly #clock: Clock;
  desired: DesiredStream;
  /** Undefined while its address is looked up. */
  plan: PathPlan | undefined;
  /** Of the look-up; on the clock. */
  plannedAtMs = 0;
  /** Left alone until then: its camera has rejected the password. */
  heldUntilMs = 0;
  rejections = 0;
  reconnects = 0;
  /** Everything that came from the source, over all its runs. */
  bytesIn = 0;
  #packetsLost = 0;
  #lostBySender = 0;
  #item: ApiPath | undefined;
  #bytesBefore = 0;
  #lastBytesAtMs: number | undefined;
  #samples: { readonly atMs: number; readonly bytes: number }[] = [];
  /** On the clock. */
  #notLiveAtMs = Number.NEGATIVE_INFINITY;
  #pulling = false;
  #failures = 0;
  #failure: { readonly reason: ReasonCode; readonly detail: string; readonly atMs: number } | undefined;

  constructor(options: { desired: DesiredStream; clock: Clock }) {
    this.desired = options.desired;
    this.#clock = options.clock;
  }

  get live(): boolean {
    return this.#item?.ready === true;
  }

  /** It was not live within the last so many ms. */
  notLiveWithin(ms: number): boolean {
    return this.#clock.now() - this.#notLiveAtMs < ms;
  }

  /** Of the source: `{type, id}` names a client where an encoder sends. */
  get source(): ApiPath['source'] {
    return this.#item?.source ?? null;
  }

  /** True when the stream is live since, or not any more. */
  seen(item: ApiPath | undefined): boolean {
    const now = this.#clock.now();
    const wasLive = this.live;
    if (wasLive && item?.ready !== true) {
      this.reconnects += 1;
      this.#bytesBefore = 0;
      this.#samples = [];
    }
    this.#item = item;
    if (!this.live) this.#notLiveAtMs = now;
    const bytes = item?.bytesIn ?? 0;
    const more = bytes - (bytes < this.#bytesBefore ? 0 : this.#bytesBefore);
    this.#bytesBefore = bytes;
    if (more > 0) {
      this.bytesIn += more;
      this.#lastBytesAtMs = now;
      this.#failures = 0;
      this.#failure = undefined;
      this.rejections = 0;
    }
    this.#samples.push({ atMs: now, bytes: this.bytesIn });
    while ((this.#samples[1]?.atMs ?? now) < now - RATE_OVER_MS) this.#samples.shift();
    return wasLive !== this.live;
  }

  /** Lost on the way from an encoder, as MediaMTX counts for that client. */
  lostBySender(packets: number): void {
    this.#lostBySender = Math.max(this.#lostBySender, packets);
  }

  heard(news: PullNews): void {
    switch (news.kind) {
      case 'started':
        this.#pulling = true;
        break;
      case 'stopped':
        this.#pulling = false;
        break;
      case 'lost':
        this.#packetsLost += news.packets;
        break;
      case 'failed':
        this.#failures += 1;
        if (!this.live) this.reconnects += 1;
        if (news.reason === 'camera_credentials_rejected') this.rejections += 1;
        this.#failure = { reason: news.reason, detail: news.detail, atMs: this.#clock.now() };
        break;
    }
  }

  state(around: Surroundings): StreamState {
    const media = mediaOf(this.#item?.tracks ?? []);
    const { cameraId, fence, outputs = [], path, profile } = this.desired;
    return {
      path,
      cameraId,
      profile,
      fence,
      ...this.#verdict(around),
      ...media,
      nowPlaying: null,
      // MediaMTX counts bytes, not pictures.
      frameRate: null,
      keyFrameIntervalMs: null,
      framesIn: 0,
      bitsPerSecond: this.#bitsPerSecond(),
      lastFrameAt:
        this.#lastBytesAtMs === undefined
          ? null
          : this.#clock.wallNow() - (this.#clock.now() - this.#lastBytesAtMs),
      reconnects: this.reconnects,
      packetsLost: this.#packetsLost + this.#lostBySender,
      outputs: outputs.map(({ id }) => ({
        id,
        isLive: false,
        reason: 'engine_unsupported' as const,
        detail: 'MediaMTX sends nothing elsewhere: this needs a node with the native engine.',
      })),
    };
  }

  #verdict({ added, demanded, reachable, refusal }: Surroundings): Verdict {
    const { plan } = this;
    if (plan?.kind === 'impossible') return { health: 'offline', reason: plan.reason, detail: plan.detail };
    if (!reachable)
      return {
        health: this.#orRecent('connecting'),
        reason: 'unavailable',
        detail: 'MediaMTX does not answer.',
      };
    if (refusal !== undefined && !added)
      return { health: 'offline', reason: 'camera_protocol_error', detail: `MediaMTX: ${refusal}` };
    if (this.live)
      return this.#bytesBefore > 0
        ? { health: 'live', reason: 'live', detail: null }
        : { health: this.#orRecent('connecting'), reason: 'waiting_for_key_frame', detail: null };
    const failure = this.#recentFailure();
    if (failure !== undefined) {
      const { detail, reason } = failure;
      const offline =
        reason === 'camera_credentials_rejected' ||
        !this.#isRecent() ||
        this.#failures > OFFLINE_AFTER_FAILURES;
      return { health: offline ? 'offline' : 'reconnecting', reason, detail };
    }
    if (this.desired.source.kind === 'publish')
      return { health: this.#orRecent('connecting'), reason: 'waiting_for_publisher', detail: null };
    if (plan?.kind === 'path' && added && plan.onDemand && !demanded && !this.#pulling)
      return { health: 'idle', reason: 'waiting_for_viewer', detail: null };
    return this.#isRecent()
      ? { health: 'reconnecting', reason: 'reconnecting', detail: null }
      : { health: 'connecting', reason: 'connecting', detail: null };
  }

  #orRecent(otherwise: StreamHealth): StreamHealth {
    return this.#isRecent() ? 'reconnecting' : otherwise;
  }

  #isRecent(): boolean {
    return this.#lastBytesAtMs !== undefined && this.#clock.now() - this.#lastBytesAtMs < RECENT_MS;
  }

  /** While MediaMTX tries again, and a minute after it last did: a camera that fails does not flicker. */
  #recentFailure() {
    if (this.#failure === undefined) return undefined;
    const held = this.heldUntilMs > this.#clock.now();
    return this.#pulling || held || this.#clock.now() - this.#failure.atMs < RECENT_MS
      ? this.#failure
      : undefined;
  }

  #bitsPerSecond(): number {
    const [first] = this.#samples;
    const last = this.#samples.at(-1);
    if (!this.live || first === undefined || last === undefined || last.atMs <= first.atMs) return 0;
    return ((last.bytes - first.bytes) * 8000) / (last.atMs - first.atMs);
  }
}
