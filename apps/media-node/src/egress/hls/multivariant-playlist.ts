export interface VariantFacts {
  /** RFC 6381. */
  readonly codecs: readonly string[];
  /** Absent for audio alone. */
  readonly resolution?: { readonly width: number; readonly height: number } | undefined;
  /** Frames a second; absent until measured. */
  readonly frameRate?: number | undefined;
  /** Highest of any segment, bits a second. */
  readonly peakBitsPerSecond: number;
  readonly averageBitsPerSecond: number;
}

export interface Variant {
  readonly facts: VariantFacts;
  readonly mediaPlaylistUri: string;
}

/** RFC 8216 section 4.3.4.2. A player begins with the first variant. */
export function multivariantPlaylist(variants: readonly Variant[]): string {
  let text = '#EXTM3U\n#EXT-X-VERSION:9\n#EXT-X-INDEPENDENT-SEGMENTS\n';
  for (const { facts, mediaPlaylistUri } of variants)
    text += `#EXT-X-STREAM-INF:${attributesOf(facts).join(',')}\n${mediaPlaylistUri}\n`;
  return text;
}

function attributesOf(facts: VariantFacts): string[] {
  const attributes = [
    `BANDWIDTH=${Math.ceil(facts.peakBitsPerSecond)}`,
    `AVERAGE-BANDWIDTH=${Math.ceil(facts.averageBitsPerSecond)}`,
    `CODECS="${facts.codecs.join(',')}"`,
  ];
  if (facts.resolution !== undefined)
    attributes.push(`RESOLUTION=${facts.resolution.width}x${facts.resolution.height}`);
  if (facts.frameRate !== undefined) attributes.push(`FRAME-RATE=${facts.frameRate.toFixed(3)}`);
  return attributes;
}
