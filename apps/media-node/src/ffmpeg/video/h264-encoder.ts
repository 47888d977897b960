import type { RenditionSpec } from '@vedette/contracts';

/** Pixels, frames and bits a second at most; what is absent stays as it comes. */
export type PictureLimits = Partial<RenditionSpec>;

/** One way of making H.264, in FFmpeg's words. */
export interface H264Encoder {
  /** Its name in FFmpeg. */
  readonly name: string;
  /** On a card, not on the processor. */
  readonly isHardware: boolean;
  /** Before the inputs. */
  readonly device: readonly string[];
  /** What pictures must be turned into last. */
  readonly filter: string;
  /** No frame waits for another, no B-frames, key frames that can be asked for. */
  readonly options: readonly string[];
}

/** Best first. Only the last has been tried by us: the others are written by FFmpeg's documentation and tried at start. */
export const H264_ENCODERS: readonly H264Encoder[] = [
  {
    name: 'h264_nvenc',
    isHardware: true,
    device: [],
    filter: 'format=yuv420p',
    options: ['-preset', 'p3', '-tune', 'ull', '-zerolatency', '1', '-rc', 'cbr', '-forced-idr', '1'],
  },
  {
    name: 'h264_qsv',
    isHardware: true,
    device: [],
    filter: 'format=nv12',
    options: ['-preset', 'veryfast', '-async_depth', '1', '-forced_idr', '1'],
  },
  {
    name: 'h264_vaapi',
    isHardware: true,
    device: ['-vaapi_device', '/dev/dri/renderD128'],
    filter: 'format=nv12,hwupload',
    options: ['-async_depth', '1'],
  },
  {
    name: 'libx264',
    isHardware: false,
    device: [],
    filter: 'format=yuv420p',
    options: [
      ...['-preset', 'veryfast', '-tune', 'zerolatency', '-sc_threshold', '0'],
      // One process must not take every core from the node; the two work on slices of the same picture.
      ...['-threads', '2'],
    ],
  },
];

const DEFAULT_BITS_PER_SECOND = 2_000_000;
/** Frames of one key-frame interval at most: a backstop, the time below decides. */
const MAX_GOP_FRAMES = 120;

/** Filters and encoder options; a key frame every second, Main profile, nothing enlarged. */
export function h264Arguments(encoder: H264Encoder, limits: PictureLimits): readonly string[] {
  const { height, frameRate, bitsPerSecond = DEFAULT_BITS_PER_SECOND } = limits;
  const scale =
    height === undefined ? 'scale=trunc(iw/2)*2:trunc(ih/2)*2' : `scale=-2:'min(${height},trunc(ih/2)*2)'`;
  return [
    ...['-vf', `${scale},${encoder.filter}`],
    // Not filled up to that rate: a camera may send fewer, and FFmpeg cannot know how many before it begins.
    ...(frameRate === undefined ? [] : ['-fpsmax', String(frameRate), '-fps_mode', 'vfr']),
    ...['-c:v', encoder.name, '-profile:v', 'main', '-bf', '0', ...encoder.options],
    ...['-b:v', String(bitsPerSecond), '-maxrate', String(bitsPerSecond), '-bufsize', String(bitsPerSecond)],
    ...['-g', String(MAX_GOP_FRAMES), '-force_key_frames', 'expr:gte(t,n_forced)'],
  ];
}
