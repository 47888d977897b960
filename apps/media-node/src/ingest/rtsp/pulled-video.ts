import { randomInt } from 'node:crypto';
import type { FrameSink } from '@vedette/media-types';
import { type CommonStart, parseRtcp, parseRtpPacket, ReceptionReport, VideoReceiver } from '@vedette/rtp';
import type { SdpMedia } from '@vedette/rtsp';
import type { Clock } from '@vedette/runtime';
import { relaySdp } from './relay-sdp.ts';
import type { TranscodeVideo } from './transcode-video.ts';

export interface PulledVideoOptions {
  readonly media: SdpMedia;
  readonly trackId: number;
  readonly unordered: boolean;
  readonly start: CommonStart;
  /** After which the frames go on, and where they begin, ticks of 90 kHz. */
  readonly lastTicks: number | undefined;
  readonly firstTicks: number;
  readonly clock: Clock;
  readonly sink: FrameSink;
  readonly signal: AbortSignal;
}

/** The video of one pull, however its frames are made. */
export interface PulledVideo {
  rtp(data: Uint8Array): void;
  rtcp(data: Uint8Array): void;
  readonly packets: number;
  readonly packetsLost: number;
  /** Ticks of 90 kHz; undefined before the first frame. */
  readonly lastTicks: number | undefined;
  /** Wall time of media time zero by the camera's clock, ms; null while it is not known. */
  readonly senderOffsetMs: number | null;
  receiverReport(nowMs: number): Uint8Array | null;
  /** Rejects when making the frames failed for another reason than the camera; resolves once the signal has ended it. */
  readonly ended: Promise<void>;
}

const TICKS_A_SECOND = 90_000;

/** H.264 or H.265, taken out of its packets. */
export function receivedVideo(options: PulledVideoOptions): PulledVideo {
  const { media, clock, sink, firstTicks } = options;
  const scale = media.clockRate / TICKS_A_SECOND;
  let any = false;
  const receiver = new VideoReceiver({
    trackId: options.trackId,
    codec: media.codec ?? 'h264',
    payloadType: media.payloadType,
    clockRate: media.clockRate,
    parameterSets: media.parameterSets,
    firstTicks: Math.ceil(firstTicks * scale),
    start: options.start,
    unordered: options.unordered,
    ssrc: randomInt(1, 2 ** 31),
    onTrack: (track) => sink.tracks([track]),
    onFrame: (frame) => {
      any = true;
      sink.frame(frame);
    },
  });
  receiver.start();
  return {
    rtp: (data) => receiver.packet(data, clock.now(), clock.wallNow()),
    rtcp: (data) => void receiver.rtcp(data, clock.now(), clock.wallNow()),
    get packets() {
      return receiver.stats().packets;
    },
    get packetsLost() {
      return receiver.stats().packetsLost;
    },
    get lastTicks() {
      return any ? Math.ceil(receiver.lastTicks / scale) : undefined;
    },
    get senderOffsetMs() {
      return receiver.senderOffsetMs;
    },
    receiverReport: (nowMs) => receiver.receiverReport(nowMs),
    ended: aborted(options.signal),
  };
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

/** Another codec: its packets go out untouched, and come back as frames of H.264. */
export function transcodedVideo(options: PulledVideoOptions, transcode: TranscodeVideo): PulledVideo {
  const { media, clock, sink, trackId } = options;
  const report = new ReceptionReport({ clockRate: media.clockRate, ssrc: randomInt(1, 2 ** 31) });
  let packets = 0;
  const transcoding = transcode({
    sdp: relaySdp(media),
    firstTicks: options.lastTicks,
    signal: options.signal,
    sink: {
      tracks: (tracks) => sink.tracks(tracks.map((track) => ({ ...track, id: trackId }))),
      frame: (frame) => sink.frame(frame.trackId === trackId ? frame : { ...frame, trackId }),
    },
  });
  return {
    rtp: (data) => {
      const packet = parseRtpPacket(data);
      if (packet?.payloadType !== media.payloadType) return;
      packets += 1;
      report.received(packet, clock.now());
      transcoding.rtp(data);
    },
    rtcp: (data) => {
      for (const message of parseRtcp(data))
        if (message.kind === 'sender-report') report.senderReport(message, clock.now());
      transcoding.rtcp(data);
    },
    get packets() {
      return packets;
    },
    get packetsLost() {
      return report.packetsLost;
    },
    get lastTicks() {
      return transcoding.lastTicks;
    },
    senderOffsetMs: null,
    receiverReport: (nowMs) => report.build(nowMs),
    ended: transcoding.ended,
  };
}
