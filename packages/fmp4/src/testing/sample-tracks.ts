import type { AudioTrack, VideoTrack } from '@vedette/media-types';

const hex = (text: string) => Uint8Array.from(Buffer.from(text, 'hex'));

/** High profile, level 3.1, 1280x720, from x264. */
export const H264_TRACK: VideoTrack = {
  kind: 'video',
  id: 7,
  codec: 'h264',
  clockRate: 90_000,
  parameterSets: {
    sps: hex('6764001facb300a00b760220000003002000000303c1e3064d'),
    pps: hex('68e971cb22c0'),
  },
  width: 1280,
  height: 720,
};

/** Main profile, level 2.1, 640x360, from x265. */
export const H265_TRACK: VideoTrack = {
  kind: 'video',
  id: 3,
  codec: 'h265',
  clockRate: 90_000,
  parameterSets: {
    vps: hex('40010c01ffff01600000030090000003000003003f959809'),
    sps: hex('42010101600000030090000003000003003fa00502016965959a4932bc05a02000000300200000030141'),
    pps: hex('4401c172b46240'),
  },
  width: 640,
  height: 360,
};

export const AAC_TRACK: AudioTrack = {
  kind: 'audio',
  id: 9,
  codec: 'aac',
  clockRate: 48_000,
  channels: 2,
  config: hex('1190'),
};

export const OPUS_TRACK: AudioTrack = {
  kind: 'audio',
  id: 9,
  codec: 'opus',
  clockRate: 48_000,
  channels: 2,
};
