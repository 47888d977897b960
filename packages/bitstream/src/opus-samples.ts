/** Samples of one frame at 48 kHz, by the configuration number of the TOC byte (RFC 6716 section 3.1). */
const FRAME_SAMPLES = [
  480, 960, 1920, 2880, 480, 960, 1920, 2880, 480, 960, 1920, 2880, 480, 960, 480, 960, 120, 240, 480, 960,
  120, 240, 480, 960, 120, 240, 480, 960, 120, 240, 480, 960,
];
/** 120 ms: no packet may hold more. */
const MAX_SAMPLES = 5760;

/** Length of an Opus packet in samples at 48 kHz; 0 when it is none. */
export function opusSamples(packet: Uint8Array): number {
  const [toc, count] = packet;
  if (toc === undefined) return 0;
  const code = toc & 3;
  const frames = code === 0 ? 1 : code === 3 ? (count ?? 0) & 0x3f : 2;
  const samples = frames * (FRAME_SAMPLES[toc >> 3] ?? 0);
  return samples > MAX_SAMPLES ? 0 : samples;
}
