// One pull of one RTSP camera: packets in, frames out, until the signal aborts or the camera fails. Never retries.
// Not its job: when to try again (source-supervisor.ts), where a camera may be (source-dialer.ts).
import type { StreamSource } from '@vedette/contracts';
import type { FrameSink, MediaSource } from '@vedette/media-types';
import { type Dial, playRtsp, RtspError, type RtspPlayback } from '@vedette/rtsp';
import type { Clock } from '@vedette/runtime';
import { PulledMedia } from './pulled-media.ts';
import type { TranscodeVideo } from './transcode-video.ts';

export interface RtspSourceOptions {
  readonly source: Extract<StreamSource, { kind: 'rtsp' }>;
  readonly dial: Dial;
  readonly clock: Clock;
  /** Where the time line of the run stands, ticks of 90 kHz; a reconnected camera goes on after it. Undefined: it begins. */
  readonly firstTicks: number | undefined;
  /** For cameras whose video is of another codec than H.264 and H.265; without it these are refused. */
  readonly transcodeVideo?: TranscodeVideo | undefined;
  /** The camera plays; its first key frame is awaited. */
  readonly onPlaying: () => void;
}

/** From the connection to PLAY; waiting in turn for the dial is not the camera's fault. */
const START_MS = 10_000;
/** Of one that has played before: it does not become slow, it hangs, and somebody waits for its return. */
const START_AGAIN_MS = 4000;
/** No camera sends nothing at all for five seconds on purpose. */
const STALL_MS = 5000;
/** Sound alone may pause: some senders say nothing while nobody speaks. */
const SOUND_STALL_MS = 20_000;
/** Packets without a picture: a key frame is awaited, at the start or after a loss; this far apart none can be joined. */
const KEY_FRAME_MS = 20_000;
const CHECK_MS = 500;
/** Looked at every half second: never more than five seconds apart, which some cameras count (Arlo gives up after ten). */
const REPORT_MS = 4500;

export class RtspSource implements MediaSource {
  readonly #options: RtspSourceOptions;
  #media: PulledMedia | undefined;
  #lostBefore = 0;

  constructor(options: RtspSourceOptions) {
    this.#options = options;
  }

  /** Where the next pull should go on. */
  get lastTicks(): number | undefined {
    return this.#media?.lastTicks ?? this.#options.firstTicks;
  }

  get packetsLost(): number {
    return this.#lostBefore + (this.#media?.packetsLost ?? 0);
  }

  /** Resolves when the signal aborts, after TEARDOWN; rejects with RtspError or SourceError when it fails. */
  async run(sink: FrameSink, signal: AbortSignal): Promise<void> {
    try {
      const playback = await this.#open(sink, signal);
      const stop = new AbortController();
      try {
        this.#options.onPlaying();
        await this.#play(playback, signal, stop.signal);
      } finally {
        stop.abort();
        await playback.close();
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      await this.#media?.close();
    }
  }

  async #play(playback: RtspPlayback, signal: AbortSignal, ended: AbortSignal): Promise<void> {
    const aborted = new Promise<void>((resolve) => {
      if (signal.aborted) resolve();
      else signal.addEventListener('abort', () => resolve(), { once: true, signal: ended });
    });
    const failed = this.#media?.failed ?? new Promise<never>(() => undefined);
    const failure = await Promise.race([playback.ended, this.#watch(playback, ended), aborted, failed]);
    if (failure !== undefined && !signal.aborted) throw failure;
  }

  async #open(sink: FrameSink, signal: AbortSignal): Promise<RtspPlayback> {
    const { clock, source, dial, transcodeVideo } = this.#options;
    const late = new AbortController();
    let cancel: (() => void) | undefined;
    try {
      return await playRtsp({
        ...source,
        anyVideo: transcodeVideo !== undefined,
        dial: async (...to) => {
          const socket = await dial(...to);
          const withinMs = this.#options.firstTicks === undefined ? START_MS : START_AGAIN_MS;
          cancel ??= clock.after(withinMs, () => late.abort());
          return socket;
        },
        clock,
        signal: AbortSignal.any([signal, late.signal]),
        onMedia: (media, unordered) => {
          const lastTicks = this.lastTicks;
          this.#lostBefore = this.packetsLost;
          void this.#media?.close();
          this.#media = new PulledMedia({
            media,
            unordered,
            lastTicks,
            transcodeVideo,
            clock,
            sink,
          });
        },
        onRtp: (kind, data) => this.#media?.rtp(kind, data),
        onRtcp: (kind, data) => this.#media?.rtcp(kind, data),
      });
    } catch (error) {
      if (late.signal.aborted && !signal.aborted) {
        throw new RtspError('camera_timeout', 'connect', 'The camera did not answer in time.', {
          cause: error,
        });
      }
      throw error;
    } finally {
      cancel?.();
    }
  }

  /** Reports to the camera, and notices one that has stopped sending; resolves with that. */
  async #watch(playback: RtspPlayback, signal: AbortSignal): Promise<RtspError | undefined> {
    const { clock } = this.#options;
    const playingSince = clock.now();
    let reportedAt = playingSince;
    let heardAt = playingSince;
    let packetsBefore = 0;
    while (!signal.aborted) {
      await clock.sleep(CHECK_MS, signal).catch(() => undefined);
      if (signal.aborted) break;
      const now = clock.now();
      const packets = this.#media?.leadPackets ?? 0;
      if (packets !== packetsBefore) heardAt = now;
      packetsBefore = packets;
      if (now - reportedAt >= REPORT_MS) {
        reportedAt = now;
        this.#report(playback, now);
      }
      const stallMs = this.#media?.lead === 'audio' ? SOUND_STALL_MS : STALL_MS;
      // A camera that never sent a packet is given the time of a first key frame: some wake their encoder slowly.
      if (packets > 0 && now - heardAt > stallMs) {
        return new RtspError(
          'camera_stalled',
          'media',
          'The camera stopped sending pictures while the connection stayed open.',
        );
      }
      if (now - (this.#media?.lastLeadFrameMs ?? playingSince) > KEY_FRAME_MS) {
        return new RtspError(
          'camera_stalled',
          'key-frame',
          'The camera plays, but sent no complete picture in 20 s.',
        );
      }
    }
    return undefined;
  }

  #report(playback: RtspPlayback, nowMs: number): void {
    for (const kind of ['video', 'audio'] as const) {
      const report = this.#media?.receiverReport(kind, nowMs) ?? null;
      if (report !== null) playback.sendRtcp(kind, report);
    }
  }
}
