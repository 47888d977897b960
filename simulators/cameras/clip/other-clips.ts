import { readFile } from 'node:fs/promises';
import { VIDEO_PAYLOAD_TYPE } from '../stream/h264-packetizer.ts';
import { packetizeH265 } from '../stream/h265-packetizer.ts';
import { JPEG_PAYLOAD_TYPE, packetizeJpeg, splitJpegs } from '../stream/jpeg-packetizer.ts';
import { splitAnnexB } from './annex-b.ts';
import type { Clip } from './clip.ts';

interface Size {
  readonly width: number;
  readonly height: number;
}

const NAL = { firstKey: 16, lastKey: 21, lastSlice: 31, vps: 32, sps: 33, pps: 34, delimiter: 35 } as const;

/** An H.265 file (Annex B, no B-frames, beginning with a key frame); `size` is what the camera tells of it. */
export async function loadH265Clip(file: string, fps: number, size: Size): Promise<Clip> {
  const bytes = await readFile(file);
  const units = splitAnnexB(bytes);
  const pictures = groupPictures(units).map((nals) => packetizeH265(nals, nals.some(isKey)));
  if (pictures[0]?.key !== true) throw new Error(`${file} does not begin with a key frame`);
  const set = (type: number) => units.find((nal) => nalType(nal) === type)?.toString('base64') ?? '';
  const kilobits = Math.ceil((bytes.length * 8 * fps) / pictures.length / 1000);
  return {
    encoding: 'H265',
    fps,
    clockRate: 90_000,
    pictures,
    keyIndexes: pictures.flatMap((picture, index) => (picture.key ? [index] : [])),
    facts: { ...size, profile: 'Main', profileLevelId: '' },
    kilobits,
    // RFC 7798 section 7.1
    sdp: [
      `m=video 0 RTP/AVP ${VIDEO_PAYLOAD_TYPE}`,
      `b=AS:${kilobits}`,
      `a=rtpmap:${VIDEO_PAYLOAD_TYPE} H265/90000`,
      `a=fmtp:${VIDEO_PAYLOAD_TYPE} sprop-vps=${set(NAL.vps)}; sprop-sps=${set(NAL.sps)}; sprop-pps=${set(NAL.pps)}`,
      `a=framerate:${fps}`,
    ],
  };
}

/** A file of JPEG pictures, one after the other. */
export async function loadJpegClip(file: string, fps: number, size: Size): Promise<Clip> {
  const bytes = await readFile(file);
  const pictures = splitJpegs(bytes).map((picture) => packetizeJpeg(picture));
  const kilobits = Math.ceil((bytes.length * 8 * fps) / pictures.length / 1000);
  return {
    encoding: 'JPEG',
    fps,
    clockRate: 90_000,
    pictures,
    keyIndexes: pictures.map((_, index) => index),
    facts: { ...size, profile: 'Baseline', profileLevelId: '' },
    kilobits,
    // The type is a static one: cameras leave the rtpmap out.
    sdp: [`m=video 0 RTP/AVP ${JPEG_PAYLOAD_TYPE}`, `b=AS:${kilobits}`, `a=framerate:${fps}`],
  };
}

function nalType(nal: Uint8Array): number {
  return ((nal[0] ?? 0) >> 1) & 63;
}

function isKey(nal: Uint8Array): boolean {
  return nalType(nal) >= NAL.firstKey && nalType(nal) <= NAL.lastKey;
}

/** A picture ends where the next one, or its parameter sets, begin (section 7.4.2.4.4, as far as our clips need it). */
function groupPictures(units: readonly Buffer[]): Buffer[][] {
  const pictures: Buffer[][] = [];
  let current: Buffer[] = [];
  let hasSlice = false;
  for (const nal of units) {
    const type = nalType(nal);
    const slice = type <= NAL.lastSlice;
    const begins = slice ? ((nal[2] ?? 0) & 0x80) !== 0 : type >= NAL.vps && type <= NAL.delimiter;
    if (hasSlice && begins) {
      pictures.push(current);
      current = [];
      hasSlice = false;
    }
    if (type !== NAL.delimiter) current.push(nal);
    hasSlice ||= slice;
  }
  if (hasSlice) pictures.push(current);
  return pictures;
}
