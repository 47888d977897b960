/** One access unit or audio frame as it stands in the file. */
export interface FragmentSample {
  /** Without parameter sets for `avc1` and `hvc1`. Read once, never kept. */
  readonly data: Uint8Array;
  /** Ticks of the track's clock, at least 1. */
  readonly durationTicks: number;
  /** Presentation time less decode time, ticks; may be negative. */
  readonly compositionTicks: number;
  readonly key: boolean;
}

export interface FragmentTrack {
  /** As numbered in the init segment, from 1. */
  readonly id: number;
  /** Decode time of the first sample, ticks; never negative. */
  readonly decodeTicks: number;
  readonly samples: readonly FragmentSample[];
}

const MFHD_SIZE = 16;
const TFHD_SIZE = 16;
const TFDT_SIZE = 20;
const TRUN_HEAD_SIZE = 20;
const SAMPLE_SIZE = 16;
/** default-base-is-moof: offsets count from this `moof`, so that a part means the same wherever it is stored. */
const TFHD_FLAGS = 0x020000;
/** data offset; each sample's duration, size, flags, composition offset; version 1: the last one is signed. */
const TRUN_VERSION_FLAGS = 0x01000f01;
const SYNC_SAMPLE = 0x02000000;
const OTHER_SAMPLE = 0x01010000;
const MAX_TICKS = 0xffffffff;
const TWO_32 = 0x100000000;

/**
 * `moof` and `mdat` (ISO 14496-12 section 8.8) in one buffer of its own: one copy of the samples, no other.
 * Tracks without samples are left out; `sequence` must rise from fragment to fragment.
 */
export function mediaFragment(sequence: number, tracks: readonly FragmentTrack[]): Buffer {
  let moofSize = 8 + MFHD_SIZE;
  let dataSize = 0;
  for (const track of tracks) {
    if (track.samples.length === 0) continue;
    moofSize += 8 + TFHD_SIZE + TFDT_SIZE + TRUN_HEAD_SIZE + track.samples.length * SAMPLE_SIZE;
    for (const sample of track.samples) dataSize += sample.data.byteLength;
  }
  const out = Buffer.allocUnsafeSlow(moofSize + 8 + dataSize);
  let at = header(out, 0, moofSize, 'moof');
  at = header(out, at, MFHD_SIZE, 'mfhd');
  at = out.writeUInt32BE(0, at);
  at = out.writeUInt32BE(sequence >>> 0, at);
  let dataAt = moofSize + 8;
  for (const track of tracks) {
    if (track.samples.length === 0) continue;
    const trunSize = TRUN_HEAD_SIZE + track.samples.length * SAMPLE_SIZE;
    at = header(out, at, 8 + TFHD_SIZE + TFDT_SIZE + trunSize, 'traf');
    at = header(out, at, TFHD_SIZE, 'tfhd');
    at = out.writeUInt32BE(TFHD_FLAGS, at);
    at = out.writeUInt32BE(track.id, at);
    at = header(out, at, TFDT_SIZE, 'tfdt');
    at = out.writeUInt32BE(0x01000000, at);
    at = out.writeUInt32BE(Math.floor(track.decodeTicks / TWO_32), at);
    at = out.writeUInt32BE(track.decodeTicks % TWO_32, at);
    at = header(out, at, trunSize, 'trun');
    at = out.writeUInt32BE(TRUN_VERSION_FLAGS, at);
    at = out.writeUInt32BE(track.samples.length, at);
    at = out.writeUInt32BE(dataAt, at);
    for (const sample of track.samples) {
      at = out.writeUInt32BE(Math.min(Math.max(1, sample.durationTicks), MAX_TICKS), at);
      at = out.writeUInt32BE(sample.data.byteLength, at);
      at = out.writeUInt32BE(sample.key ? SYNC_SAMPLE : OTHER_SAMPLE, at);
      at = out.writeInt32BE(sample.compositionTicks, at);
      out.set(sample.data, dataAt);
      dataAt += sample.data.byteLength;
    }
  }
  header(out, at, 8 + dataSize, 'mdat');
  return out;
}

function header(out: Buffer, at: number, size: number, type: string): number {
  out.writeUInt32BE(size, at);
  out.write(type, at + 4, 'latin1');
  return at + 8;
}
