import type { ApiTrack } from './api-answers.ts';

/** profile_idc of H.264, by the words MediaMTX has for it (internal/defs/api_path_track_codec_props.go). */
const H264_PROFILES: Readonly<Record<string, string>> = {
  Baseline: '42',
  Main: '4d',
  Extended: '58',
  High: '64',
  'High 10': '6e',
  'High 4:2:2': '7a',
  'High 4:4:4 Predictive': 'f4',
};
/** general_profile_idc and compatibility flags of H.265. */
const H265_PROFILES: Readonly<Record<string, string>> = { Main: '1.6', 'Main 10': '2.4' };
const AUDIO: Readonly<Record<string, string>> = {
  'MPEG-4 Audio': 'aac',
  'MPEG-4 Audio LATM': 'aac',
  'MPEG-1/2 Audio': 'mp3',
  Opus: 'opus',
  G722: 'g722',
  G726: 'g726',
  AC3: 'ac3',
  FLAC: 'flac',
  Vorbis: 'vorbis',
  Speex: 'speex',
  LPCM: 'lpcm',
};
const VIDEO = new Set(['AV1', 'VP9', 'VP8', 'H265', 'H264', 'MPEG-4 Video', 'MPEG-1/2 Video', 'M-JPEG']);

export interface PathMedia {
  /** RFC 6381 string where MediaMTX tells enough for one, otherwise the codec's name. */
  readonly codec: string | null;
  readonly audio: string | null;
  readonly width: number | null;
  readonly height: number | null;
}

/** What the tracks of a path are, in this system's words. */
export function mediaOf(tracks: readonly ApiTrack[]): PathMedia {
  const video = tracks.find(({ codec }) => VIDEO.has(codec));
  const audio = tracks.find(({ codec }) => codec in AUDIO || codec === 'G711');
  return {
    codec: video === undefined ? null : videoCodec(video),
    audio: audio === undefined ? null : audioCodec(audio),
    width: video?.codecProps?.width || null,
    height: video?.codecProps?.height || null,
  };
}

function videoCodec({ codec, codecProps }: ApiTrack): string {
  const level = Number(codecProps?.level);
  if (codec === 'H264') {
    const profile = H264_PROFILES[String(codecProps?.profile)];
    if (profile === undefined || !(level > 0)) return 'h264';
    const levelIdc = Math.round(level * 10)
      .toString(16)
      .padStart(2, '0');
    return `avc1.${profile}00${levelIdc}`;
  }
  if (codec === 'H265') {
    const profile = H265_PROFILES[String(codecProps?.profile)];
    return profile === undefined || !(level > 0) ? 'h265' : `hvc1.${profile}.L${Math.round(level * 30)}.B0`;
  }
  return codec.toLowerCase();
}

function audioCodec({ codec, codecProps }: ApiTrack): string {
  if (codec === 'G711') return codecProps?.muLaw === false ? 'pcma' : 'pcmu';
  return AUDIO[codec] ?? codec.toLowerCase();
}
