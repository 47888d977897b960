import type { AudioTrack, Track, VideoTrack } from '@vedette/media-types';
import { describe, expect, it } from 'vitest';
import { parseSdp } from '../sdp.ts';
import { describeTracks } from './write-sdp.ts';

const SPS = Uint8Array.from(Buffer.from('6742c01fd9005005bbff0003000410000003001000000301e0f18324', 'hex'));
const PPS = Uint8Array.from(Buffer.from('68cb83cb20', 'hex'));
const VPS = Uint8Array.of(0x40, 1, 12, 1);
const VIDEO: VideoTrack = {
  kind: 'video',
  id: 1,
  codec: 'h264',
  clockRate: 90_000,
  parameterSets: { sps: SPS, pps: PPS },
  width: 1280,
  height: 720,
};
const audio = (codec: AudioTrack['codec'], clockRate: number, channels = 1, more: Partial<AudioTrack> = {}) =>
  ({ kind: 'audio', id: 2, codec, clockRate, channels, ...more }) satisfies AudioTrack;
const AAC_CONFIG = Uint8Array.of(0x11, 0x90);

/** What our own client reads out of it. */
const read = (tracks: readonly Track[]) => parseSdp(describeTracks(tracks).sdp).media;

describe('the description of a stream', () => {
  it('puts the picture first, each section under a name of its own below the session', () => {
    const { media, sdp } = describeTracks([audio('pcmu', 8000), VIDEO]);
    expect(media.map(({ control, track }) => [track.kind, control])).toEqual([
      ['video', 'trackID=0'],
      ['audio', 'trackID=1'],
    ]);
    expect(sdp).toContain('a=control:*\r\n');
    expect(sdp).not.toMatch(/a=control:rtsp/);
    expect(sdp.endsWith('\r\n')).toBe(true);
  });

  it('tells the parameter sets of H.264 and its profile', () => {
    const [video] = read([VIDEO]);
    expect(video).toMatchObject({ codec: 'h264', clockRate: 90_000, payloadType: 96 });
    expect(video?.parameterSets.map((set) => Buffer.from(set))).toEqual([Buffer.from(SPS), Buffer.from(PPS)]);
    expect(describeTracks([VIDEO]).sdp).toContain('profile-level-id=42C01F');
  });

  it('tells all three parameter sets of H.265', () => {
    const [video] = read([{ ...VIDEO, codec: 'h265', parameterSets: { vps: VPS, sps: SPS, pps: PPS } }]);
    expect(video).toMatchObject({ codec: 'h265' });
    expect(video?.parameterSets.map((set) => Buffer.from(set))).toEqual(
      [VPS, SPS, PPS].map((set) => Buffer.from(set)),
    );
  });

  it.each<[string, AudioTrack, object]>([
    [
      'AAC',
      audio('aac', 48_000, 2, { config: AAC_CONFIG }),
      { codec: 'aac', sampleRate: 48_000, channels: 2 },
    ],
    ['Opus', audio('opus', 48_000, 2), { codec: 'opus', rtpClockRate: 48_000, channels: 2 }],
    ['G.711 µ-law', audio('pcmu', 8000), { codec: 'pcmu', sampleRate: 8000, channels: 1 }],
    ['wide G.711 A-law', audio('pcma', 16_000), { codec: 'pcma', sampleRate: 16_000 }],
    ['G.722', audio('g722', 16_000), { codec: 'g722', sampleRate: 16_000, rtpClockRate: 8000 }],
    ['MP3', audio('mp3', 44_100, 2), { codec: 'mp3', rtpClockRate: 90_000 }],
    [
      'G.726',
      audio('g726', 8000, 1, { samples: { bits: 3, littleEndian: true } }),
      { codec: 'g726', samples: { bits: 3, littleEndian: true } },
    ],
    [
      'G.726 from the high end',
      audio('g726', 8000, 1, { samples: { bits: 5, littleEndian: false } }),
      { codec: 'g726', samples: { bits: 5, littleEndian: false } },
    ],
    [
      'L16, which goes out big-endian',
      audio('l16', 16_000, 2, { samples: { bits: 16, littleEndian: true } }),
      { codec: 'l16', sampleRate: 16_000, channels: 2, samples: { bits: 16, littleEndian: false } },
    ],
  ])('is understood by our own client: %s', (_, track, format) => {
    const [section] = read([track]);
    expect(section?.audio).toMatchObject(format);
    expect(section?.payloadType).toBe(describeTracks([track]).media[0]?.payloadType);
  });

  it('gives AAC its configuration, and the static payload types where they fit', () => {
    expect(describeTracks([audio('aac', 48_000, 2, { config: AAC_CONFIG })]).sdp).toContain('config=1190');
    const types = [audio('pcmu', 8000), audio('pcma', 8000), audio('g722', 16_000), audio('mp3', 44_100)].map(
      (track) => describeTracks([track]).media[0]?.payloadType,
    );
    expect(types).toEqual([0, 8, 9, 14]);
    expect(describeTracks([audio('pcmu', 16_000)]).media[0]?.payloadType).toBe(97);
  });
});
