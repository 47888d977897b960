// Bytes of NAL units in, typed facts out: pure functions, no state, nothing that throws on garbage.
// Not its job: packets (rtp), boxes (fmp4), timing.
export { type AacConfig, buildAacConfig, parseAacConfig } from './aac-config.ts';
export { type AdtsFrame, parseAdtsFrame } from './adts-frame.ts';
export { findStartCode, splitAnnexB, trimTrailingZeros } from './annex-b.ts';
export { BitReader } from './bit-reader.ts';
export { addEmulationPrevention, removeEmulationPrevention } from './emulation-prevention.ts';
export { H264_NAL, h264NalType } from './h264-nal.ts';
export { type H264Pps, parseH264Pps } from './h264-pps.ts';
export { hasRecoveryPoint } from './h264-sei.ts';
export { type H264Slice, type H264SliceType, parseH264Slice } from './h264-slice.ts';
export { type H264Sps, parseH264Sps } from './h264-sps.ts';
export { H265_NAL, h265NalType, isH265Irap } from './h265-nal.ts';
export { type H265Sps, parseH265PpsId, parseH265Sps, parseH265VpsId } from './h265-parameter-sets.ts';
export { splitLengthPrefixed, toLengthPrefixed, writeLength } from './length-prefixed.ts';
export { type Mp3Frame, parseMp3Frame } from './mp3-frame.ts';
export { opusSamples } from './opus-samples.ts';
export { videoFacts } from './video-facts.ts';
