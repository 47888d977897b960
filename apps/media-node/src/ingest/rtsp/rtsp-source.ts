// One pull of one RTSP camera: packets in, frames out, until the signal aborts or the camera fails. Never retries.
// Not its job: when to try again (source-supervisor.ts), where a camera may be (source-dialer.ts).
import { randomInt } from 'node:crypto';
import type { StreamSource } from '@vedette/contracts';
import type { FrameSink, MediaSource } from '@vedette/media-types';
import { VideoReceiver } from '@vedette/rtp';
import { type Dial, playRtsp, RtspError, type RtspPlayback } from '@vedette/rtsp';
import type { Clock } from '@vedette/runtime';

export interface RtspSourceOptions {
  readonly source: Extract<StreamSource, { kind: 'rtsp' }>;
  readonly dial: Dial;
  readonly clock: Clock;
  /** Where the time line of the run stands, ticks of 90 kHz; a reconnected camera goes on after it. Undefined: it begins. */
  readonly firstTicks: number | undefined;
  /** The camera plays; its first key frame is awaited. */
  readonly onPlaying: () => void;
}

/** From the connection to PLAY; waiting in turn for the dial is not the camera's fault. */
const START_MS = 10_000;
/** No camera sends nothing at all for five seconds on purpose. */
const STALL_MS = 5000;
/** Packets without a picture: a key frame is awaited, at the start or after a loss; this far apart none can be joined. */
const KEY_FRAME_MS = 20_000;
const CHECK_MS = 500;
const REPORT_MS = 5000;
const TRACK_ID = 1;
/** Between the last frame before a gap and the first after it: a frame's length, as far as anyone can tell. */
const GAP_TICKS = 3000;

export class RtspSource implements MediaSource {
  readonly #options: RtspSourceOptions;
  #receiver: VideoReceiver | undefined;
  #lastFrameMs: number | undefined;

  constructor(options: RtspSourceOptions) {
    this.#options = options;
  }

  /** Where the next pull should go on. */
  get lastTicks(): number | undefined {
    return this.#receiver?.lastTicks ?? this.#options.firstTicks;
  }

  get packetsLost(): number {
    return this.#receiver?.stats().packetsLost ?? 0;
  }

  /** Resolves when the signal aborts, after TEARDOWN; rejects with RtspError when the camera fails. */
  async run(sink: FrameSink, signal: AbortSignal): Promise<void> {
    const playback = await this.#open(sink, signal);
    this.#options.onPlaying();
    const stop = new AbortController();
    const aborted = new Promise<void>((resolve) => {
      if (signal.aborted) resolve();
      else signal.addEventListener('abort', () => resolve(), { once: true, signal: stop.signal });
    });
    try {
      const failure = await Promise.race([playback.ended, this.#watch(playback, stop.signal), aborted]);
      if (failure !== undefined && !signal.aborted) throw failure;
    } finally {
      stop.abort();
      await playback.close();
    }
  }

  async #open(sink: FrameSink, signal: AbortSignal): Promise<RtspPlayback> {
    const { clock, source, dial } = this.#options;
    const late = new AbortController();
    let cancel: (() => void) | undefined;
    try {
      return await playRtsp({
        ...source,
        dial: async (...to) => {
          const socket = await dial(...to);
          cancel ??= clock.after(START_MS, () => late.abort());
          return socket;
        },
        clock,
        signal: AbortSignal.any([signal, late.signal]),
        onMedia: (media, unordered) => {
          this.#receiver = new VideoReceiver({
            trackId: TRACK_ID,
            codec: media.codec ?? 'h264',
            payloadType: media.payloadType,
            clockRate: media.clockRate,
            parameterSets: media.parameterSets,
            firstTicks: this.#options.firstTicks === undefined ? 0 : this.#options.firstTicks + GAP_TICKS,
            unordered,
            ssrc: randomInt(1, 2 ** 31),
            onTrack: (track) => sink.tracks([track]),
            onFrame: (frame) => {
              this.#lastFrameMs = clock.now();
              sink.frame(frame);
            },
          });
          this.#receiver.start();
        },
        onRtp: (data) => this.#receiver?.packet(data, clock.now(), clock.wallNow()),
        onRtcp: (data) => void this.#receiver?.rtcp(data, clock.now(), clock.wallNow()),
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
      const packets = this.#receiver?.stats().packets ?? 0;
      if (packets !== packetsBefore) heardAt = now;
      packetsBefore = packets;
      if (now - reportedAt >= REPORT_MS) {
        reportedAt = now;
        const report = this.#receiver?.receiverReport(now);
        if (report !== undefined && report !== null) playback.sendRtcp(report);
      }
      // A camera that never sent a packet is given the time of a first key frame: some wake their encoder slowly.
      if (packets > 0 && now - heardAt > STALL_MS) {
        return new RtspError(
          'camera_stalled',
          'media',
          'The camera stopped sending pictures while the connection stayed open.',
        );
      }
      if (now - (this.#lastFrameMs ?? playingSince) > KEY_FRAME_MS) {
        return new RtspError(
          'camera_stalled',
          'key-frame',
          'The camera plays, but sent no complete picture in 20 s.',
        );
      }
    }
    return undefined;
  }
}
