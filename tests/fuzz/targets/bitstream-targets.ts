import {
  addEmulationPrevention,
  hasRecoveryPoint,
  parseH264Pps,
  parseH264Slice,
  parseH264Sps,
  parseH265PpsId,
  parseH265Sps,
  parseH265VpsId,
  removeEmulationPrevention,
  splitAnnexB,
  splitLengthPrefixed,
  toLengthPrefixed,
  videoFacts,
} from '@vedette/bitstream';
import { parseRtcp, parseRtpPacket } from '@vedette/rtp';
import { promise, statelessTarget } from '../fuzz-target.ts';
import { bytesOf } from '../mutator.ts';

const hex = (text: string) => Uint8Array.from(Buffer.from(text, 'hex'));

export const H264_SPS = hex('6742c01fd9005005bbff0003000410000003001000000301e0f18324');
export const H264_PPS = hex('68cb83cb20');
export const H265_VPS = hex('40010c01ffff01600000030090000003000003005d959809');
export const H265_SPS = hex(
  '420101016000000300900000030000030078a003c08010e596566924caf01010000003001000000301e080',
);
export const H265_PPS = hex('4401c172b46240');
const START_CODES = [hex('000001'), hex('00000001'), hex('000003'), hex('ffffffff'), hex('00000000')];
const SETS = [
  H264_SPS,
  hex('674d400bd901419f9fff000300041000000300100000030100f142a4'),
  H264_PPS,
  hex('0605ffff01020380'),
  hex('06060180'),
  hex('658880aabb'),
  H265_VPS,
  H265_SPS,
  H265_PPS,
];

export const parameterSetTarget = statelessTarget({
  name: 'bitstream: parameter sets, SEI, slices',
  seeds: SETS,
  words: START_CODES,
  check: (input) => {
    for (const codec of ['h264', 'h265'] as const) {
      const facts = videoFacts(codec, input);
      if (facts === null) continue;
      promise(facts.width > 0 && facts.width <= 16_384, 'a width is possible');
      promise(facts.height > 0 && facts.height <= 16_384, 'a height is possible');
      promise(facts.frameRate === null || (facts.frameRate > 0 && facts.frameRate <= 300), 'a rate is one');
      promise(/^(avc1|hvc1)\.[\w.]+$/.test(facts.codec), 'a codec string is one');
    }
    parseH264Sps(input);
    parseH265Sps(input);
    const pps = parseH264Pps(input);
    promise(pps === null || (pps.id < 256 && pps.spsId < 32), 'ids are in their range');
    const id = parseH265PpsId(input);
    promise(id === null || id < 64, 'a PPS id is in its range');
    parseH265VpsId(input);
    parseH264Slice(input);
    hasRecoveryPoint(input);
  },
});

export const nalTarget = statelessTarget({
  name: 'bitstream: NAL units and their framing',
  seeds: [Buffer.concat(SETS.flatMap((set) => [hex('00000001'), set])), toLengthPrefixed(SETS)],
  words: START_CODES,
  check: (input) => {
    for (const nal of splitAnnexB(input)) {
      promise(nal.length > 0 && nal.at(-1) !== 0, 'a unit is not empty and ends in no zero');
    }
    const units = splitLengthPrefixed(input);
    const whole = toLengthPrefixed(units);
    promise(Buffer.compare(whole, input.subarray(0, whole.length)) === 0, 'units are views in order');
    const escaped = addEmulationPrevention(input);
    const back = removeEmulationPrevention(escaped);
    promise(Buffer.compare(back, input) === 0, 'what is escaped comes back');
  },
});

const REPORTS = bytesOf(
  '\x81\xc8\0\x0c\0\0\0\x01\xe0\0\0\0\x80\0\0\0\0\0\x10\0\0\0\0\x05\0\0\x01\0\0\0\0\x02\x01\0\0\x05\0\0\0\x09\0\0\0\x01\0\0\0\x02\0\0\0\x03\x81\xca\0\x03\0\0\0\x01\x01\x04name\0\0',
  '\x81\xc9\0\x07\0\0\0\x01\0\0\0\x02\x80\xff\xff\xff\0\0\0\x09\0\0\0\x01\0\0\0\x02\0\0\0\x03',
  '\x81\xcb\0\x01\0\0\0\x01',
  '\x81\xcd\0\x03\0\0\0\x01\0\0\0\x02\0\x05\xff\xff',
  '\x81\xce\0\x02\0\0\0\x01\0\0\0\x02\x84\xce\0\x04\0\0\0\x01\0\0\0\0\0\0\0\x02\x07\0\0\0',
);

export const rtcpTarget = statelessTarget({
  name: 'rtp: RTCP compound packets',
  seeds: REPORTS,
  words: REPORTS,
  check: (input) => {
    for (const message of parseRtcp(input)) {
      if (message.kind === 'nack') promise(message.sequences.length <= input.length * 5, 'NACKs are bounded');
      if (message.kind === 'bye') promise(message.ssrcs.length <= 31, 'goodbyes are bounded');
      if (message.kind === 'sender-report')
        promise(message.wallClockMs === null || Number.isFinite(message.wallClockMs), 'a time is a number');
    }
  },
});

export const rtpHeaderTarget = statelessTarget({
  name: 'rtp: packet headers',
  seeds: bytesOf(
    '\x80\x60\0\x01\0\0\0\0\0\0\0\0payload',
    '\xb2\xe0\0\x01\0\0\0\0\0\0\0\0\0\0\0\x01\0\0\0\x02\xbe\xde\0\x01\x10\x01\0\0payload\0\0\x03',
  ),
  check: (input) => {
    const packet = parseRtpPacket(input);
    if (packet === null) return;
    promise(packet.payload.length <= input.length - 12, 'a payload lies behind its header');
    promise(packet.payloadType < 128 && packet.sequence < 65_536, 'fields are in their range');
  },
});
