// Enters: what ffprobe says of a file. Leaves: which of its streams are played, and whether as they are or made anew.
import { z } from 'zod';
import { SourceError } from '../ingest/source-error.ts';

const Probe = z.object({
  format: z.object({ format_name: z.string() }),
  streams: z
    .array(
      z.object({
        index: z.int(),
        codec_type: z.string().optional(),
        codec_name: z.string().optional(),
        pix_fmt: z.string().optional(),
        disposition: z.object({ attached_pic: z.int() }).optional(),
      }),
    )
    .max(100),
});

/** One stream of a file that is played. */
export interface PlannedStream {
  readonly index: number;
  readonly codec: string;
  /** As it is; otherwise it is decoded and made anew. */
  readonly copy: boolean;
}

export interface MediaPlan {
  /** As FFmpeg's demuxers are named, to be given back with `-f`. */
  readonly format: string;
  readonly video: PlannedStream | undefined;
  readonly audio: PlannedStream | undefined;
}

/** The kinds of file that are read: containers of media, never a playlist, a script, or a list of other files. */
export const FORMATS: readonly string[] = [
  ...['mov', 'matroska', 'mpegts', 'avi', 'flv', 'mp3', 'aac', 'ogg', 'wav'],
];
/** For `-format_whitelist`; the names that a demuxer goes by are all in it. */
export const FORMAT_WHITELIST = `${FORMATS.join(',')},mp4,m4a,3gp,3g2,mj2,webm`;

/** For ffprobe, before the address. */
export const PROBE_ARGUMENTS: readonly string[] = [
  ...['-format_whitelist', FORMAT_WHITELIST, '-of', 'json'],
  ...[
    '-show_entries',
    'format=format_name:stream=index,codec_type,codec_name,pix_fmt:stream_disposition=attached_pic',
  ],
];

const COPIED_AUDIO: readonly string[] = ['aac', 'opus', 'mp3', 'pcm_alaw', 'pcm_mulaw'];
/** Eight bits, colours at a quarter: what browsers decode. */
const PLAIN_PICTURES: readonly string[] = ['yuv420p', 'yuvj420p'];
/** Their AAC carries its own headers, and a session description needs them beforehand. */
const WITHOUT_AAC_CONFIG: readonly string[] = ['mpegts', 'aac'];

/** @throws SourceError when there is nothing to play */
export function planMedia(probed: string): MediaPlan {
  const parsed = Probe.safeParse(parseJson(probed));
  if (!parsed.success)
    throw new SourceError('ffmpeg_failed', 'probe', 'The source is no media of a kind that is read.');
  const { format, streams } = parsed.data;
  const name = FORMATS.find((candidate) => format.format_name.split(',').includes(candidate));
  if (name === undefined)
    throw new SourceError('source_not_allowed', 'probe', 'Files of this kind are not read.');
  const picture = streams.find((s) => s.codec_type === 'video' && s.disposition?.attached_pic !== 1);
  const sound = streams.find((s) => s.codec_type === 'audio');
  const video = picture && {
    index: picture.index,
    codec: picture.codec_name ?? 'unknown',
    copy:
      picture.codec_name === 'hevc' ||
      (picture.codec_name === 'h264' && PLAIN_PICTURES.includes(picture.pix_fmt ?? '')),
  };
  const codec = sound?.codec_name ?? 'unknown';
  const audio = sound && {
    index: sound.index,
    codec,
    copy: COPIED_AUDIO.includes(codec) && !(codec === 'aac' && WITHOUT_AAC_CONFIG.includes(name)),
  };
  if (video === undefined && audio === undefined)
    throw new SourceError('codec_unsupported', 'probe', 'The source holds neither pictures nor sound.');
  return { format: name, video, audio };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
