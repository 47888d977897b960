import type { PlayerStats } from '@vedette/player';
import { audioCodecName } from '../../format/audio-codec-name.ts';
import { formatBitRate } from '../../format/format-bit-rate.ts';
import { formatPicture } from '../../format/format-picture.ts';

/** What is measured on a tile's picture, in one line; what the browser does not tell is left out. */
export function figures(stats: PlayerStats): string {
  const { audioCodec, codec, width, height, framesPerSecond, bitsPerSecond, latencyMs } = stats;
  const soundAlone = codec === null && width === null && audioCodec !== null;
  const parts = [
    soundAlone ? audioCodecName(audioCodec) : '',
    formatPicture({ width, height, frameRate: framesPerSecond }),
    bitsPerSecond === null ? '' : formatBitRate(bitsPerSecond),
    latencyMs === null ? '' : `${Math.round(latencyMs)} ms behind`,
  ];
  return parts.filter((part) => part !== '').join(' · ');
}
