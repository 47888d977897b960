import { BitReader, parseH264Sps, parseH265Sps, removeEmulationPrevention } from '@vedette/bitstream';
import type { VideoTrack } from '@vedette/media-types';
import { box, u8, u16, u32, zeros } from './box.ts';

/** H.264 profiles whose configuration record goes on with chroma format and bit depth (ISO 14496-15 section 5.3.3.1). */
const HIGH_PROFILES = new Set([100, 110, 122, 144, 244]);
/** 72 dots per inch as 16.16 fixed point, what every writer puts there. */
const DPI_72 = 0x00480000;

/** `avc1` or `hvc1`: parameter sets live in the entry alone, samples carry none (never `avc3`/`hev1`: Safari refuses). */
export function videoSampleEntry(track: VideoTrack): Buffer {
  const compressor = new Uint8Array(32);
  const fields = [
    zeros(6),
    u16(1), // data_reference_index
    zeros(16),
    u16(track.width, track.height),
    u32(DPI_72, DPI_72, 0),
    u16(1), // frames a sample
    compressor,
    u16(0x0018, 0xffff), // depth, pre_defined
  ];
  return track.codec === 'h264'
    ? box('avc1', ...fields, box('avcC', avcConfiguration(track)))
    : box('hvc1', ...fields, box('hvcC', hevcConfiguration(track)));
}

/** AVCDecoderConfigurationRecord, ISO 14496-15 section 5.3.3.1. */
function avcConfiguration(track: VideoTrack): Uint8Array {
  const { sps, pps } = track.parameterSets;
  const parts: Uint8Array[] = [
    u8(1, sps[1] ?? 0, sps[2] ?? 0, sps[3] ?? 0, 0xff, 0xe1),
    u16(sps.byteLength),
    sps,
    u8(1),
    u16(pps.byteLength),
    pps,
  ];
  const facts = parseH264Sps(sps);
  if (facts !== null && HIGH_PROFILES.has(facts.profileIdc)) {
    const depth = 0xf8 | (facts.bitDepth - 8);
    parts.push(u8(0xfc | facts.chromaFormat, depth, depth, 0));
  }
  return Buffer.concat(parts);
}

/** HEVCDecoderConfigurationRecord, ISO 14496-15 section 8.3.3.1. */
function hevcConfiguration(track: VideoTrack): Uint8Array {
  const { vps, sps, pps } = track.parameterSets;
  const payload = removeEmulationPrevention(sps);
  const facts = parseH265Sps(sps);
  // General profile, tier and level stand at a fixed place: after the NAL header and one byte of the SPS.
  const general = payload.subarray(3, 15);
  const head = new BitReader(payload.subarray(2, 3));
  head.skip(4);
  const temporalLayers = head.bits(3) + 1;
  const nested = head.flag();
  const depth = (facts?.bitDepth ?? 8) - 8;
  const sets: readonly [number, Uint8Array | undefined][] = [
    [32, vps],
    [33, sps],
    [34, pps],
  ];
  const arrays = sets.filter((set): set is [number, Uint8Array] => set[1] !== undefined);
  return Buffer.concat([
    u8(1),
    general,
    zeros(Math.max(0, 12 - general.byteLength)),
    u16(0xf000), // min_spatial_segmentation_idc unknown
    u8(0xfc, 0xfc | (facts?.chromaFormat ?? 1), 0xf8 | depth, 0xf8 | depth),
    u16(0), // avgFrameRate unknown
    u8((temporalLayers << 3) | (nested ? 4 : 0) | 3, arrays.length),
    // array_completeness: all parameter sets are here, as hvc1 demands.
    ...arrays.flatMap(([type, nal]) => [u8(0x80 | type), u16(1, nal.byteLength), nal]),
  ]);
}
