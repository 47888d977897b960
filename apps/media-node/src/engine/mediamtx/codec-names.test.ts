import { describe, expect, it } from 'vitest';
import { ApiClient, ApiPath } from './api-answers.ts';
import { mediaOf } from './codec-names.ts';

describe('what MediaMTX says of a stream', () => {
  it('becomes the string that browsers are asked with', () => {
    const track = (codec: string, codecProps: object) => mediaOf([{ codec, codecProps }]).codec;
    expect(track('H264', { profile: 'High', level: '4.1' })).toBe('avc1.640029');
    expect(track('H264', { profile: 'Baseline', level: '3' })).toBe('avc1.42001e');
    expect(track('H265', { profile: 'Main', level: '4.0' })).toBe('hvc1.1.6.L120.B0');
    expect(track('H264', { profile: '', level: '' })).toBe('h264');
    expect(mediaOf([{ codec: 'M-JPEG' }]).codec).toBe('m-jpeg');
  });

  it('names the sound as our own engine does', () => {
    const audio = (codec: string, codecProps: object | null = null) => mediaOf([{ codec, codecProps }]).audio;
    expect(audio('MPEG-4 Audio')).toBe('aac');
    expect(audio('G711', { muLaw: false })).toBe('pcma');
    expect(audio('G711', { muLaw: true })).toBe('pcmu');
    expect(audio('Opus')).toBe('opus');
    expect(audio('H264')).toBeNull();
  });

  it('is read by the old names of 1.15 as by the new ones', () => {
    const old = ApiPath.parse({
      name: 'cam_a',
      confName: 'cam_a',
      source: { type: 'rtspSource', id: '' },
      ready: true,
      tracks: ['H264'],
      bytesReceived: 5,
      bytesSent: 7,
      readers: [],
    });
    expect(old).toMatchObject({ bytesIn: 5, bytesOut: 7, tracks: [{ codec: 'H264' }] });
    const client = { id: 'x', path: 'cam_a', state: 'read', remoteAddr: '1.2.3.4:5' };
    expect(ApiClient.parse({ ...client, bytesSent: 9, rtcpPacketsReceived: 3 })).toMatchObject({
      bytesOut: 9,
      reportsIn: 3,
      connected: true,
    });
    expect(
      ApiClient.parse({ ...client, outboundBytes: 9, bytesSent: 8, peerConnectionEstablished: false }),
    ).toMatchObject({ bytesOut: 9, connected: false });
  });
});
