// The packets of one pull in, its tracks and frames out, picture and sound on one time line after that of the run.
// Not its job: the connection to the camera, and whether it is still there (rtsp-source.ts).
import { randomInt } from 'node:crypto';
import type { AudioTrack, EncodedFrame, FrameSink, VideoTrack } from '@vedette/media-types';
import { AudioReceiver, CommonStart } from '@vedette/rtp';
import type { ChosenMedia, MediaKind } from '@vedette/rtsp';
import type { Clock } from '@vedette/runtime';
import { type PulledVideo, receivedVideo, transcodedVideo } from './pulled-video.ts';
import type { TranscodeVideo } from './transcode-video.ts';

export interface PulledMediaOptions {
  readonly media: ChosenMedia;
  readonly unordered: boolean;
  /** Where the time line of the run stands, ticks of 90 kHz; undefined when it begins. */
  readonly lastTicks: number | undefined;
  readonly transcodeVideo: TranscodeVideo | undefined;
  readonly clock: Clock;
  readonly sink: FrameSink;
}

const VIDEO_ID = 1;
const AUDIO_ID = 2;
const TICKS_A_SECOND = 90_000;
/** Between the last frame before a gap and the first after it: a frame's length, as far as anyone can tell. */
const GAP_TICKS = 3000;

export class PulledMedia {
  /** What a watcher looks at: without a picture, the sound. */
  readonly lead: MediaKind;
  readonly #options: PulledMediaOptions;
  readonly #video: PulledVideo | undefined;
  readonly #audio: AudioReceiver | undefined;
  readonly #isTranscoded: boolean;
  readonly #stop = new AbortController();
  readonly #failed = Promise.withResolvers<never>();
  readonly #ended: Promise<void>;
  #videoTrack: VideoTrack | undefined;
  #audioTrack: AudioTrack | undefined;
  #lastLeadFrameMs: number | undefined;
  /** Of the newest frame: wall time of media time zero. */
  #videoWallOffsetMs: number | null = null;

  constructor(options: PulledMediaOptions) {
    this.#options = options;
    const { media, unordered, lastTicks, clock, transcodeVideo } = options;
    const { signal } = this.#stop;
    const start = new CommonStart();
    const firstTicks = lastTicks === undefined ? 0 : lastTicks + GAP_TICKS;
    this.lead = media.video === undefined ? 'audio' : 'video';
    this.#isTranscoded = media.video?.codec === undefined;
    this.#audio = this.#receiveAudio(start, firstTicks / TICKS_A_SECOND);
    // Told by the SDP: known when the picture is announced.
    this.#audio?.start();
    this.#failed.promise.catch(() => undefined);
    if (media.video === undefined) {
      this.#ended = Promise.resolve();
      return;
    }
    const common = {
      media: media.video,
      trackId: VIDEO_ID,
      unordered,
      start,
      lastTicks,
      firstTicks,
      clock,
      signal,
    };
    const sink: FrameSink = {
      tracks: (tracks) => {
        const track = tracks.find((one) => one.kind === 'video');
        if (track === undefined) return;
        this.#videoTrack = track;
        this.#announce();
      },
      frame: (frame) => this.#videoFrame(frame),
    };
    this.#video =
      media.video.codec === undefined && transcodeVideo !== undefined
        ? transcodedVideo({ ...common, sink }, transcodeVideo)
        : receivedVideo({ ...common, sink });
    this.#ended = this.#video.ended.catch((error: unknown) => this.#failed.reject(error));
  }

  /** Monotonic; undefined before the first frame of what leads. */
  get lastLeadFrameMs(): number | undefined {
    return this.#lastLeadFrameMs;
  }

  /** Packets of what leads. */
  get leadPackets(): number {
    return (this.lead === 'video' ? this.#video?.packets : this.#audio?.stats().packets) ?? 0;
  }

  get packetsLost(): number {
    return (this.#video?.packetsLost ?? 0) + (this.#audio?.stats().packetsLost ?? 0);
  }

  /** Where the next pull goes on, ticks of 90 kHz. */
  get lastTicks(): number | undefined {
    const sound = this.#audio?.endSeconds;
    const ends = [
      this.#options.lastTicks,
      this.#video?.lastTicks,
      sound === undefined ? undefined : Math.ceil(sound * TICKS_A_SECOND),
    ].filter((end) => end !== undefined);
    return ends.length === 0 ? undefined : Math.max(...ends);
  }

  /** Rejects when making the frames failed for another reason than the camera; never resolves. */
  get failed(): Promise<never> {
    return this.#failed.promise;
  }

  /** Ends what was started for the pull; resolves once it is gone. May be repeated. */
  close(): Promise<void> {
    this.#stop.abort();
    return this.#ended;
  }

  rtp(kind: MediaKind, data: Uint8Array): void {
    const { clock } = this.#options;
    if (kind === 'video') this.#video?.rtp(data);
    else if (!this.#waitsForTranscoder) this.#audio?.packet(data, clock.now(), clock.wallNow());
  }

  rtcp(kind: MediaKind, data: Uint8Array): void {
    const { clock } = this.#options;
    if (kind === 'video') this.#video?.rtcp(data);
    else void this.#audio?.rtcp(data, clock.now(), clock.wallNow());
  }

  receiverReport(kind: MediaKind, nowMs: number): Uint8Array | null {
    return (kind === 'video' ? this.#video : this.#audio)?.receiverReport(nowMs) ?? null;
  }

  /** The line of a transcoded picture begins when it comes out: sound from before would be far ahead of it. */
  get #waitsForTranscoder(): boolean {
    return this.#video !== undefined && this.#isTranscoded && this.#lastLeadFrameMs === undefined;
  }

  #receiveAudio(start: CommonStart, firstSeconds: number): AudioReceiver | undefined {
    const { media, unordered, clock, sink } = this.#options;
    const format = media.audio?.audio;
    if (media.audio === undefined || format === undefined) return undefined;
    return new AudioReceiver({
      trackId: AUDIO_ID,
      format,
      payloadType: media.audio.payloadType,
      firstSeconds,
      start,
      lead: {
        senderOffsetMs: () => this.#video?.senderOffsetMs ?? null,
        wallOffsetMs: () => this.#videoWallOffsetMs,
      },
      unordered,
      ssrc: randomInt(1, 2 ** 31),
      onTrack: (track) => {
        this.#audioTrack = track;
        if (this.lead === 'audio' || this.#videoTrack !== undefined) this.#announce();
      },
      onFrame: (frame) => {
        if (this.lead === 'audio') this.#lastLeadFrameMs = clock.now();
        // Sound before the first picture is of no use to anybody.
        if (this.#lastLeadFrameMs !== undefined) sink.frame(frame);
      },
    });
  }

  #videoFrame(frame: EncodedFrame): void {
    const ticksAMs = (this.#videoTrack?.clockRate ?? TICKS_A_SECOND) / 1000;
    this.#videoWallOffsetMs = frame.wallClockMs - frame.ptsTicks / ticksAMs;
    this.#lastLeadFrameMs = this.#options.clock.now();
    this.#options.sink.frame(frame);
  }

  #announce(): void {
    this.#options.sink.tracks([this.#videoTrack, this.#audioTrack].filter((track) => track !== undefined));
  }
}
