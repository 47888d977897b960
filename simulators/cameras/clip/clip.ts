// In: an H.264 file. Out: its pictures as packet templates that every camera playing the file shares.
// When a picture is due, and who gets it, is the time line's job.
import { readFile } from 'node:fs/promises';
import { type PacketTemplate, packetize } from '../stream/h264-packetizer.ts';
import { splitAnnexB } from './annex-b.ts';
import { BitReader, unescapeNal } from './bit-reader.ts';
import { readSps, type SpsFacts } from './sps.ts';

/** A loop of pictures, the first of which is a key frame; immutable and shared by cameras. */
export interface Clip {
  /** Pictures a second. */
  readonly fps: number;
  readonly pictures: readonly PacketTemplate[];
  /** Indexes of the IDR pictures, rising, never empty, the first 0. */
  readonly keyIndexes: readonly number[];
  readonly sps: Buffer;
  readonly pps: Buffer;
  readonly facts: SpsFacts;
  /** Mean over the clip, kbit/s. */
  readonly kilobits: number;
}

/** Reads an Annex B file. Throws a sentence that names the file when it is no clip that can be looped. */
export async function loadClip(file: string, fps: number): Promise<Clip> {
  const bytes = await readFile(file);
  try {
    return parseClip(bytes, fps);
  } catch (cause) {
    throw new Error(`${file} cannot be played: ${cause instanceof Error ? cause.message : cause}`, { cause });
  }
}

/** `loadClip` of bytes at hand. */
export function parseClip(bytes: Buffer, fps: number): Clip {
  const units = splitAnnexB(bytes);
  const sps = units.find((nal) => nalType(nal) === NAL.sps);
  const pps = units.find((nal) => nalType(nal) === NAL.pps);
  if (sps === undefined || pps === undefined) throw new Error('it has no H.264 parameter sets');
  const pictures = groupPictures(units).map((nals) =>
    packetize(
      nals,
      nals.some((nal) => nalType(nal) === NAL.idr),
    ),
  );
  if (pictures[0]?.key !== true) throw new Error('it does not begin with a key frame');
  return {
    fps,
    pictures,
    keyIndexes: pictures.flatMap((picture, index) => (picture.key ? [index] : [])),
    sps,
    pps,
    facts: readSps(sps),
    kilobits: Math.ceil((bytes.length * 8 * fps) / pictures.length / 1000),
  };
}

const NAL = { slice: 1, idr: 5, sps: 7, pps: 8, delimiter: 9 } as const;

function nalType(nal: Uint8Array): number {
  return (nal[0] ?? 0) & 31;
}

/** Access units without delimiters; a new one begins at the first unit that may not follow a slice of the last (section 7.4.1.2.3). */
function groupPictures(units: readonly Buffer[]): Buffer[][] {
  const pictures: Buffer[][] = [];
  let current: Buffer[] = [];
  let hasSlice = false;
  for (const nal of units) {
    const type = nalType(nal);
    const slice = type === NAL.slice || type === NAL.idr ? readSlice(nal) : undefined;
    if (slice?.bidirectional === true) {
      throw new Error('it has B-frames, which a camera that streams live does not send');
    }
    const begins = slice === undefined ? type >= 6 && type <= 9 : slice.first;
    if (hasSlice && begins) {
      pictures.push(current);
      current = [];
      hasSlice = false;
    }
    if (type !== NAL.delimiter) current.push(nal);
    hasSlice ||= slice !== undefined;
  }
  if (hasSlice) pictures.push(current);
  return pictures;
}

function readSlice(nal: Buffer): { first: boolean; bidirectional: boolean } {
  const bits = new BitReader(unescapeNal(nal.subarray(1, 16)));
  const first = bits.unsigned() === 0;
  return { first, bidirectional: bits.unsigned() % 5 === 1 };
}
