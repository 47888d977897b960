import { videoFacts } from '@vedette/bitstream';
import type { Track } from '@vedette/media-types';
import { objectType } from './audio-sample-entry.ts';

/** RFC 6381 codec string of a packaged track, for `CODECS` and `MediaSource.isTypeSupported`. */
export function codecString(track: Track): string {
  if (track.kind === 'video') {
    const facts = videoFacts(track.codec, track.parameterSets.sps);
    // An SPS beyond our reading still begins with profile, constraints and level.
    return facts?.codec ?? fallback(track.codec, track.parameterSets.sps);
  }
  switch (track.codec) {
    case 'aac':
      return `mp4a.40.${audioObjectType(track.config)}`;
    case 'mp3':
      return `mp4a.${objectType(track.codec, track.clockRate).toString(16).toUpperCase()}`;
    case 'opus':
      return 'opus';
    case 'pcmu':
    case 'pcma':
    case 'g722':
    case 'g726':
    case 'l16':
      throw new TypeError(`${track.codec} has no place in fragmented MP4 that browsers play`);
  }
}

function fallback(codec: 'h264' | 'h265', sps: Uint8Array): string {
  if (codec === 'h265') return 'hvc1.1.6.L120.90';
  return `avc1.${Buffer.from(sps.subarray(1, 4)).toString('hex').toUpperCase().padEnd(6, '0')}`;
}

/** AudioSpecificConfig begins with five bits, or 31 and six more (ISO 14496-3 section 1.6.2.1). */
function audioObjectType(config: Uint8Array | undefined): number {
  const first = config?.[0] ?? 0x10;
  const type = first >> 3;
  if (type !== 31) return type;
  return 32 + (((first & 7) << 3) | ((config?.[1] ?? 0) >> 5));
}
