import type { Clock } from '@vedette/runtime';
import type { ProfileCounts } from '../counts.ts';
import type { LiveTimeline, PictureReceiver, SentPicture } from '../stream/live-timeline.ts';
import { type OddMedia, spoil } from '../stream/odd-media.ts';
import { senderReport } from '../stream/sender-report.ts';
import type { DelayedOutput } from './delayed-output.ts';
import type { MediaOut } from './media-out.ts';
import type { ProfileName, TrackName } from './stream-path.ts';

/** Bytes that a client may leave unread, about ten seconds of a main stream; then it is dropped. */
const MAX_BACKLOG = 1024 * 1024;
/** Pictures and packets of sound that may wait in a camera made slow: 30 s of 60 fps. */
const MAX_WAITING = 1800;
const REPORT_EVERY_MS = 5000;

export interface RtspSessionOptions {
  readonly id: string;
  readonly profile: ProfileName;
  readonly output: DelayedOutput;
  readonly counts: ProfileCounts;
  /** Told when it begins to play; answers whom to tell when it does no more. */
  readonly onPlay: () => () => void;
  readonly clock: Clock;
  readonly onTooSlow: () => void;
  /** How the camera spoils what it sends; undefined while it does not. */
  readonly oddMedia?: () => OddMedia | undefined;
}

/** One client of one profile, from SETUP to its end. Sends while it plays. */
export class RtspSession {
  readonly id: string;
  readonly profile: ProfileName;
  /** Clock time of the last sign of life. */
  lastSeenMs: number;
  readonly #options: RtspSessionOptions;
  readonly #tracks = new Map<TrackName, SessionTrack>();
  #playing = false;
  #endPull: () => void = () => undefined;

  constructor(options: RtspSessionOptions) {
    this.id = options.id;
    this.profile = options.profile;
    this.lastSeenMs = options.clock.now();
    this.#options = options;
  }

  get playing(): boolean {
    return this.#playing;
  }

  /** What was set up, in that order. */
  get tracks(): ReadonlyMap<TrackName, { readonly timeline: LiveTimeline }> {
    return this.#tracks;
  }

  /** SETUP of a track; one that is repeated replaces the first. */
  setUp(name: TrackName, timeline: LiveTimeline, out: MediaOut): void {
    this.#tracks.set(
      name,
      new SessionTrack({ ...this.#options, timeline, out, isPicture: name === 'video' }),
    );
  }

  play(keyFrameOnPlay: boolean): void {
    if (this.#playing) return;
    const { counts, onPlay } = this.#options;
    this.#playing = true;
    this.#endPull = onPlay();
    counts.playing++;
    counts.maxPlaying = Math.max(counts.maxPlaying, counts.playing);
    for (const [name, track] of this.#tracks) {
      const { timeline } = track;
      timeline.add(track, { keyFrame: name === 'video' && keyFrameOnPlay && timeline.receivers === 0 });
    }
  }

  pause(): void {
    if (!this.#playing) return;
    const { counts, clock } = this.#options;
    this.#playing = false;
    this.#endPull();
    counts.playing--;
    counts.lastStoppedAtMs = clock.wallNow();
    for (const track of this.#tracks.values()) track.timeline.remove(track);
  }

  forceKeyFrame(): void {
    this.#tracks.get('video')?.timeline.forceKeyFrame();
  }
}

/** One track of a session: its packets, and a sender report every five seconds. */
class SessionTrack implements PictureReceiver {
  readonly timeline: LiveTimeline;
  readonly #options: RtspSessionOptions & { readonly out: MediaOut; readonly isPicture: boolean };
  #packets = 0;
  #payloadBytes = 0;
  #reportedMs = Number.NEGATIVE_INFINITY;

  constructor(
    options: RtspSessionOptions & {
      readonly timeline: LiveTimeline;
      readonly out: MediaOut;
      readonly isPicture: boolean;
    },
  ) {
    this.timeline = options.timeline;
    this.#options = options;
  }

  picture(picture: SentPicture): void {
    const { out, output, counts, clock, isPicture, onTooSlow } = this.#options;
    if (out.backlog > MAX_BACKLOG || output.waiting > MAX_WAITING) {
      onTooSlow();
      return;
    }
    const now = clock.now();
    let report: Buffer | undefined;
    if (now - this.#reportedMs >= REPORT_EVERY_MS) {
      this.#reportedMs = now;
      report = senderReport({
        ssrc: this.timeline.ssrc,
        wallMs: clock.wallNow(),
        timestamp: this.timeline.timestampAt(now),
        packets: this.#packets,
        payloadBytes: this.#payloadBytes,
      });
    }
    this.#packets += picture.offsets.length;
    this.#payloadBytes += picture.payloadBytes;
    if (isPicture) counts.pictures++;
    counts.bytes += picture.bytes.length;
    const odd = this.#options.oddMedia?.();
    const sent = odd === undefined ? picture : spoil(picture, odd, Math.random);
    output.run(() => out.send(sent, report));
  }
}
