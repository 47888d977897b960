import { describe, expect, it } from 'vitest';
import { profileOfUrl } from './stream-path.ts';
import { chooseTransport } from './transport-header.ts';

describe('chooseTransport', () => {
  it('takes the first alternative that it speaks', () => {
    expect(chooseTransport('RTP/AVP/TCP;unicast;interleaved=2-3', true)).toEqual({
      kind: 'tcp',
      rtpChannel: 2,
      rtcpChannel: 3,
    });
    expect(chooseTransport('RTP/AVP/TCP', true)).toEqual({ kind: 'tcp', rtpChannel: 0, rtcpChannel: 1 });
    expect(chooseTransport('RTP/AVP;unicast;client_port=5000-5001', true)).toEqual({
      kind: 'udp',
      rtpPort: 5000,
      rtcpPort: 5001,
    });
    expect(chooseTransport('RTP/AVP/UDP;unicast;client_port=5000', true)).toEqual({
      kind: 'udp',
      rtpPort: 5000,
      rtcpPort: 5001,
    });
    expect(chooseTransport('RTP/SAVP;unicast;client_port=5000-5001,RTP/AVP/TCP;interleaved=4', true)).toEqual(
      { kind: 'tcp', rtpChannel: 4, rtcpChannel: 5 },
    );
    expect(
      chooseTransport('RTP/AVP;multicast;client_port=5000-5001,RTP/AVP/TCP;unicast;interleaved=0-1', true)
        ?.kind,
    ).toBe('tcp');
  });

  it('takes nothing it cannot serve', () => {
    for (const header of [
      '',
      'RTP/AVP',
      'RTP/AVP;client_port=0-1',
      'RTP/AVP;client_port=65536',
      'RTP/AVP/TCP;interleaved=256-257',
      'RTP/AVP/TCP;interleaved=1-1',
      'RTP/AVP;multicast',
    ]) {
      expect(chooseTransport(header, true)).toBeUndefined();
    }
    expect(chooseTransport('RTP/AVP;unicast;client_port=5000-5001', false)).toBeUndefined();
  });
});

describe('profileOfUrl', () => {
  it('knows a profile by path, with any query and track, or by the query of other makers', () => {
    for (const url of [
      'rtsp://h/main',
      'rtsp://h:1/main/',
      'rtsp://h/main/trackID=0',
      'rtsp://u:p@h/MAIN?x=1/trackID=0',
      'rtsp://h/main?transportmode=unicast&profile=Profile_1',
      'rtsp://h/onvif/media?profile=main',
      'rtsp://h/?a=b&profile=main/trackID=0',
    ]) {
      expect(profileOfUrl(url)).toBe('main');
    }
    expect(profileOfUrl('rtsp://h/sub?profile=main')).toBe('sub');
    for (const url of ['*', 'rtsp://h', 'rtsp://h/', 'rtsp://h/mainly', 'rtsp://h/x/main', 'http://h/main']) {
      expect(profileOfUrl(url)).toBeUndefined();
    }
  });
});
