import { type Box, findBoxes, parseBoxes } from './parse-boxes.ts';

export interface ParsedTrackRun {
  readonly id: number;
  readonly decodeTicks: number;
  readonly samples: readonly {
    readonly durationTicks: number;
    readonly compositionTicks: number;
    readonly key: boolean;
    readonly data: Buffer;
  }[];
}

export interface ParsedFragment {
  readonly sequence: number;
  readonly tracks: readonly ParsedTrackRun[];
}

/** Every `moof`+`mdat` pair of a part or segment, sample bytes found through the data offsets. */
export function parseFragments(data: Uint8Array): ParsedFragment[] {
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  return parseBoxes(bytes)
    .filter((candidate) => candidate.type === 'moof')
    .map((moof) => ({
      sequence: findBoxes(moof.children, 'mfhd')[0]?.body.readUInt32BE(4) ?? -1,
      tracks: findBoxes(moof.children, 'traf').map((traf) => parseRun(bytes, moof.offset, traf)),
    }));
}

function parseRun(bytes: Buffer, moofAt: number, traf: Box): ParsedTrackRun {
  const header = findBoxes(traf.children, 'tfhd')[0]?.body;
  const time = findBoxes(traf.children, 'tfdt')[0]?.body;
  const run = findBoxes(traf.children, 'trun')[0]?.body;
  if (header === undefined || time === undefined || run === undefined)
    throw new Error('a traf is incomplete');
  if (header.readUInt32BE(0) !== 0x020000) throw new Error('not default-base-is-moof alone');
  if (time.readUInt8(0) !== 1) throw new Error('tfdt is not version 1');
  let dataAt = moofAt + run.readInt32BE(8);
  const samples = Array.from({ length: run.readUInt32BE(4) }, (_, i) => {
    const at = 12 + i * 16;
    const size = run.readUInt32BE(at + 4);
    const sample = {
      durationTicks: run.readUInt32BE(at),
      compositionTicks: run.readInt32BE(at + 12),
      key: (run.readUInt32BE(at + 8) & 0x00010000) === 0,
      data: bytes.subarray(dataAt, dataAt + size),
    };
    dataAt += size;
    return sample;
  });
  return { id: header.readUInt32BE(4), decodeTicks: Number(time.readBigUInt64BE(4)), samples };
}
