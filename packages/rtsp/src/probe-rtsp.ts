import type { AudioCodec, VideoTrack } from '@vedette/media-types';
import { VideoReceiver } from '@vedette/rtp';
import { type PlayOptions, playRtsp } from './play-rtsp.ts';
import { RtspError } from './rtsp-error.ts';

export interface ProbeOutcome {
  readonly track: VideoTrack;
  /** What the sound is coded in; null when there is none that is played. */
  readonly audioCodec: AudioCodec | null;
  /** From the first frames; null when too few came. */
  readonly frameRate: number | null;
  readonly firstKeyFrameMs: number;
}

/** How long frames are counted after the first key frame. */
const COUNT_MS = 700;

/** Plays a camera until its first key frame and a little longer, then says goodbye. Throws RtspError or the signal's reason. */
export async function probeRtsp(
  options: Pick<
    PlayOptions,
    'url' | 'username' | 'password' | 'transport' | 'certificate' | 'dial' | 'clock' | 'signal'
  >,
): Promise<ProbeOutcome> {
  const { clock, signal } = options;
  const begunAt = clock.now();
  const found = Promise.withResolvers<VideoTrack>();
  found.promise.catch(() => undefined);
  let track: VideoTrack | undefined;
  let receiver: VideoReceiver | undefined;
  const ticks: number[] = [];
  const playback = await playRtsp({
    ...options,
    onMedia: ({ video: media }, unordered) => {
      if (media === undefined) return;
      receiver = new VideoReceiver({
        trackId: 1,
        codec: media.codec ?? 'h264',
        payloadType: media.payloadType,
        clockRate: media.clockRate,
        parameterSets: media.parameterSets,
        firstTicks: 0,
        unordered,
        ssrc: 1,
        onTrack: (announced) => {
          track = announced;
        },
        onFrame: (frame) => {
          ticks.push(frame.ptsTicks);
          if (track !== undefined) found.resolve(track);
        },
      });
      receiver.start();
    },
    onRtp: (kind, data) => {
      if (kind === 'video') receiver?.packet(data, clock.now(), clock.wallNow());
    },
    onRtcp: () => undefined,
  });
  const abort = () =>
    found.reject(
      new RtspError('camera_timeout', 'key-frame', 'The camera plays, but sends no key frame in time.'),
    );
  if (playback.media.video === undefined)
    found.reject(new RtspError('codec_unsupported', 'describe', 'The camera offers sound, but no picture.'));
  signal.addEventListener('abort', abort, { once: true });
  if (signal.aborted) abort();
  try {
    const first = await Promise.race([found.promise, playback.ended.then((error) => Promise.reject(error))]);
    const firstKeyFrameMs = clock.now() - begunAt;
    await clock.sleep(COUNT_MS);
    const audioCodec = playback.media.audio?.audio?.codec ?? null;
    return { track: first, audioCodec, firstKeyFrameMs, frameRate: rateOf(ticks, first.clockRate) };
  } finally {
    signal.removeEventListener('abort', abort);
    await playback.close();
  }
}

function rateOf(ticks: readonly number[], clockRate: number): number | null {
  const [first] = ticks;
  const last = ticks.at(-1);
  if (first === undefined || last === undefined || last <= first || ticks.length < 3) return null;
  return Math.round((((ticks.length - 1) * clockRate) / (last - first)) * 10) / 10;
}
