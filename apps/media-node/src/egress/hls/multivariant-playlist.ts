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

/** RFC 8216 section 4.3.4.2: one variant, whose media playlist stands beside this one. */
export function multivariantPlaylist(facts: VariantFacts, mediaPlaylistUri: string): string {
  const attributes = [
    `BANDWIDTH=${Math.ceil(facts.peakBitsPerSecond)}`,
    `AVERAGE-BANDWIDTH=${Math.ceil(facts.averageBitsPerSecond)}`,
    `CODECS="${facts.codecs.join(',')}"`,
  ];
  if (facts.resolution !== undefined) {
    attributes.push(`RESOLUTION=${facts.resolution.width}x${facts.resolution.height}`);
  }
  if (facts.frameRate !== undefined) attributes.push(`FRAME-RATE=${facts.frameRate.toFixed(3)}`);
  return `#EXTM3U
#EXT-X-VERSION:9
#EXT-X-INDEPENDENT-SEGMENTS
#EXT-X-STREAM-INF:${attributes.join(',')}
${mediaPlaylistUri}
`;
}
