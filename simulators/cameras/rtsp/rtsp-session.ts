import type { Clock } from '@vedette/runtime';
import type { ProfileCounts } from '../counts.ts';
import type { LiveTimeline, PictureReceiver, SentPicture } from '../stream/live-timeline.ts';
import { senderReport } from '../stream/sender-report.ts';
import type { DelayedOutput } from './delayed-output.ts';
import type { MediaOut } from './media-out.ts';
import type { ProfileName } from './stream-path.ts';

/** Bytes that a client may leave unread, about ten seconds of a main stream; then it is dropped. */
const MAX_BACKLOG = 1024 * 1024;
/** Pictures that may wait in a camera made slow: 30 s of 60 fps. */
const MAX_WAITING = 1800;
const REPORT_EVERY_MS = 5000;

/** One client of one profile, from SETUP to its end. Sends while it plays. */
export class RtspSession implements PictureReceiver {
  readonly id: string;
  readonly profile: ProfileName;
  readonly timeline: LiveTimeline;
  /** Clock time of the last sign of life. */
  lastSeenMs: number;
  readonly #out: MediaOut;
  readonly #output: DelayedOutput;
  readonly #counts: ProfileCounts;
  readonly #clock: Clock;
  readonly #onTooSlow: () => void;
  #playing = false;
  #packets = 0;
  #payloadBytes = 0;
  #reportedMs = Number.NEGATIVE_INFINITY;

  constructor(options: {
    id: string;
    profile: ProfileName;
    timeline: LiveTimeline;
    out: MediaOut;
    output: DelayedOutput;
    counts: ProfileCounts;
    clock: Clock;
    onTooSlow: () => void;
  }) {
    this.id = options.id;
    this.profile = options.profile;
    this.timeline = options.timeline;
    this.lastSeenMs = options.clock.now();
    this.#out = options.out;
    this.#output = options.output;
    this.#counts = options.counts;
    this.#clock = options.clock;
    this.#onTooSlow = options.onTooSlow;
  }

  get playing(): boolean {
    return this.#playing;
  }

  play(keyFrameOnPlay: boolean): void {
    if (this.#playing) return;
    this.#playing = true;
    this.#counts.playing++;
    this.#counts.maxPlaying = Math.max(this.#counts.maxPlaying, this.#counts.playing);
    this.timeline.add(this, { keyFrame: keyFrameOnPlay && this.timeline.receivers === 0 });
  }

  pause(): void {
    if (!this.#playing) return;
    this.#playing = false;
    this.#counts.playing--;
    this.#counts.lastStoppedAtMs = this.#clock.wallNow();
    this.timeline.remove(this);
  }

  picture(picture: SentPicture): void {
    if (this.#out.backlog > MAX_BACKLOG || this.#output.waiting > MAX_WAITING) {
      this.#onTooSlow();
      return;
    }
    const now = this.#clock.now();
    let report: Buffer | undefined;
    if (now - this.#reportedMs >= REPORT_EVERY_MS) {
      this.#reportedMs = now;
      report = senderReport({
        ssrc: this.timeline.ssrc,
        wallMs: this.#clock.wallNow(),
        timestamp: this.timeline.timestampAt(now),
        packets: this.#packets,
        payloadBytes: this.#payloadBytes,
      });
    }
    this.#packets += picture.offsets.length;
    this.#payloadBytes += picture.payloadBytes;
    this.#counts.pictures++;
    this.#counts.bytes += picture.bytes.length;
    this.#output.run(() => this.#out.send(picture, report));
  }
}
