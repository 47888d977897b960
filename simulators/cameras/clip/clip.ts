// In: an H.264 file. Out: its pictures as packet templates that every camera playing the file shares.
// When a picture is due, and who gets it, is the time line's job.
import { readFile } from 'node:fs/promises';
import { packetize, VIDEO_PAYLOAD_TYPE } from '../stream/h264-packetizer.ts';
import type { Reel } from '../stream/reel.ts';
import { splitAnnexB } from './annex-b.ts';
import { BitReader, unescapeNal } from './bit-reader.ts';
import { readSps, type SpsFacts } from './sps.ts';

/** The pictures of one camera profile. */
export interface Clip extends Reel {
  readonly encoding: 'H264' | 'H265' | 'JPEG';
  readonly facts: SpsFacts;
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
  const facts = readSps(sps);
  const parameterSets = [sps, pps].map((nal) => nal.toString('base64')).join(',');
  const kilobits = Math.ceil((bytes.length * 8 * fps) / pictures.length / 1000);
  return {
    encoding: 'H264',
    fps,
    clockRate: 90_000,
    pictures,
    keyIndexes: pictures.flatMap((picture, index) => (picture.key ? [index] : [])),
    facts,
    kilobits,
    // RFC 6184 section 8.2.1
    sdp: [
      `m=video 0 RTP/AVP ${VIDEO_PAYLOAD_TYPE}`,
      `b=AS:${kilobits}`,
      `a=rtpmap:${VIDEO_PAYLOAD_TYPE} H264/90000`,
      `a=fmtp:${VIDEO_PAYLOAD_TYPE} packetization-mode=1;profile-level-id=${facts.profileLevelId};sprop-parameter-sets=${parameterSets}`,
      `a=framerate:${fps}`,
    ],
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
