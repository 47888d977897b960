// A camera's address in, what it sends out: played until the first key frame and a little longer, then goodbye.
// Not its job: judging what it found.
import type { AudioCodec, VideoTrack } from '@vedette/media-types';
import { parseRtpPacket, VideoReceiver } from '@vedette/rtp';
import type { ChosenMedia, MediaKind } from './choose-media.ts';
import { type PlayOptions, playRtsp } from './play-rtsp.ts';
import { RtspError } from './rtsp-error.ts';
import type { SdpMedia } from './sdp.ts';

export interface ProbeOutcome {
  /** Of the picture, in small letters: `h264`, `h265`, or what the camera calls one that FFmpeg has to convert; null when there is only sound. */
  readonly codec: string | null;
  /** Pixels; null for a codec that is not read here. */
  readonly width: number | null;
  readonly height: number | null;
  /** Null when there is no sound that is played. */
  readonly audioCodec: AudioCodec | null;
  /** From the first frames; null when too few came. */
  readonly frameRate: number | null;
  readonly firstKeyFrameMs: number;
}

/** Watches what comes until it is enough to play by. */
interface Watch {
  packet(data: Uint8Array): void;
  /** Presentation times of pictures, ticks. */
  readonly ticks: readonly number[];
  readonly clockRate: number;
  readonly track: VideoTrack | undefined;
}

/** How long frames are counted after the first key frame. */
const COUNT_MS = 700;

/** Throws RtspError or the signal's reason. */
export async function probeRtsp(
  options: Pick<
    PlayOptions,
    'url' | 'username' | 'password' | 'transport' | 'certificate' | 'dial' | 'clock' | 'signal'
  >,
): Promise<ProbeOutcome> {
  const { clock, signal } = options;
  const begunAt = clock.now();
  const found = Promise.withResolvers<void>();
  found.promise.catch(() => undefined);
  let watch: Watch | undefined;
  let lead: MediaKind = 'video';
  const playback = await playRtsp({
    ...options,
    anyVideo: true,
    onMedia: (media, unordered) => {
      lead = media.video === undefined ? 'audio' : 'video';
      watch = watchFor(media, unordered, options, found.resolve);
    },
    onRtp: (kind, data) => {
      if (kind === lead) watch?.packet(data);
    },
    onRtcp: () => undefined,
  });
  const abort = () =>
    found.reject(
      new RtspError('camera_timeout', 'key-frame', 'The camera plays, but sends no key frame in time.'),
    );
  signal.addEventListener('abort', abort, { once: true });
  if (signal.aborted) abort();
  try {
    await Promise.race([found.promise, playback.ended.then((error) => Promise.reject(error))]);
    const firstKeyFrameMs = clock.now() - begunAt;
    const { video, audio } = playback.media;
    if (video !== undefined) await clock.sleep(COUNT_MS);
    return {
      codec: video === undefined ? null : (video.codec ?? video.encoding.toLowerCase()),
      width: watch?.track?.width ?? null,
      height: watch?.track?.height ?? null,
      audioCodec: audio?.audio?.codec ?? null,
      firstKeyFrameMs,
      frameRate: watch === undefined ? null : rateOf(watch.ticks, watch.clockRate),
    };
  } finally {
    signal.removeEventListener('abort', abort);
    await playback.close();
  }
}

function watchFor(
  { video }: ChosenMedia,
  unordered: boolean,
  { clock }: Pick<PlayOptions, 'clock'>,
  found: () => void,
): Watch {
  if (video?.codec === undefined) return watchPackets(video, found);
  const ticks: number[] = [];
  let track: VideoTrack | undefined;
  const receiver = new VideoReceiver({
    trackId: 1,
    codec: video.codec,
    payloadType: video.payloadType,
    clockRate: video.clockRate,
    parameterSets: video.parameterSets,
    firstTicks: 0,
    unordered,
    ssrc: 1,
    onTrack: (announced) => {
      track = announced;
    },
    onFrame: (frame) => {
      ticks.push(frame.ptsTicks);
      found();
    },
  });
  receiver.start();
  return {
    packet: (data) => receiver.packet(data, clock.now(), clock.wallNow()),
    ticks,
    clockRate: video.clockRate,
    get track() {
      return track;
    },
  };
}

/** Sound alone, or a picture that is not read: a packet is all there is to see; each time stamp is a picture. */
function watchPackets(video: SdpMedia | undefined, found: () => void): Watch {
  const ticks: number[] = [];
  return {
    packet: (data) => {
      const packet = parseRtpPacket(data);
      if (packet === null || (video !== undefined && packet.payloadType !== video.payloadType)) return;
      found();
      if (video !== undefined && ticks.at(-1) !== packet.timestamp) ticks.push(packet.timestamp);
    },
    ticks,
    clockRate: video?.clockRate ?? 1,
    track: undefined,
  };
}

function rateOf(ticks: readonly number[], clockRate: number): number | null {
  const [first] = ticks;
  const last = ticks.at(-1);
  if (first === undefined || last === undefined || last <= first || ticks.length < 3) return null;
  return Math.round((((ticks.length - 1) * clockRate) / (last - first)) * 10) / 10;
}
