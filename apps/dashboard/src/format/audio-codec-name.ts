const NAMES: Readonly<Record<string, string>> = {
  aac: 'AAC',
  opus: 'Opus',
  mp3: 'MP3',
  pcmu: 'G.711 µ-law',
  pcma: 'G.711 A-law',
  g722: 'G.722',
  g726: 'G.726',
  l16: 'linear PCM',
};

/** A codec of sound as people know it. */
export function audioCodecName(codec: string): string {
  return NAMES[codec] ?? codec;
}
