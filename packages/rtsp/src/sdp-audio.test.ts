import { describe, expect, it } from 'vitest';
import { parseSdp } from './sdp.ts';

function audio(payloadType: number, ...attributes: string[]) {
  const lines = [`m=audio 0 RTP/AVP ${payloadType}`, ...attributes.map((one) => `a=${one}`)];
  return parseSdp(`v=0\r\n${lines.join('\r\n')}\r\n`).media[0];
}

const hex = (text: string) => Uint8Array.from(Buffer.from(text, 'hex'));
const HBR = { kind: 'generic', sizeLength: 13, indexLength: 3, indexDeltaLength: 3 };

describe('audio in SDP', () => {
  it.each([
    [0, { codec: 'pcmu', rtpClockRate: 8000, sampleRate: 8000, channels: 1 }],
    [8, { codec: 'pcma', rtpClockRate: 8000, sampleRate: 8000, channels: 1 }],
    [9, { codec: 'g722', rtpClockRate: 8000, sampleRate: 16_000, channels: 1 }],
    [10, { codec: 'l16', rtpClockRate: 44_100, sampleRate: 44_100, channels: 2 }],
    [11, { codec: 'l16', rtpClockRate: 44_100, sampleRate: 44_100, channels: 1 }],
    [14, { codec: 'mp3', rtpClockRate: 90_000, sampleRate: undefined }],
  ])('payload type %i needs no rtpmap', (type, format) => {
    expect(audio(type)?.audio).toMatchObject(format);
  });

  it('payload type 26 is JPEG', () => {
    expect(parseSdp('m=video 0 RTP/AVP 26').media[0]).toMatchObject({
      encoding: 'JPEG',
      codec: undefined,
      clockRate: 90_000,
    });
  });

  it.each([
    ['pcmu/16000/2', { codec: 'pcmu', sampleRate: 16_000, channels: 2 }],
    ['G722/16000', { codec: 'g722', rtpClockRate: 8000, sampleRate: 16_000 }],
    ['L16/16000', { codec: 'l16', sampleRate: 16_000, samples: { bits: 16, littleEndian: false } }],
    ['PCM/8000', { codec: 'l16', sampleRate: 8000, samples: { bits: 16, littleEndian: true } }],
    ['G726-16/8000', { codec: 'g726', samples: { bits: 2, littleEndian: true } }],
    ['G726-24/8000', { codec: 'g726', samples: { bits: 3, littleEndian: true } }],
    ['G726-40/8000', { codec: 'g726', samples: { bits: 5, littleEndian: true } }],
    ['AAL2-G726-32/8000', { codec: 'g726', samples: { bits: 4, littleEndian: false } }],
    ['opus/48000/1', { codec: 'opus', rtpClockRate: 48_000, channels: 2 }],
    ['MPA/90000', { codec: 'mp3', rtpClockRate: 90_000 }],
  ])('%s', (map, format) => {
    expect(audio(97, `rtpmap:97 ${map}`)?.audio).toMatchObject(format);
  });

  it.each([
    'streamtype=5; profile-level-id=15; mode=AAC-hbr; config=1408; sizeLength=13; indexLength=3; indexDeltaLength=3',
    'StreamType=5;MODE=AAC-HBR;CONFIG=1408;SIZELENGTH=13;INDEXLENGTH=3;INDEXDELTALENGTH=3;',
    'mode=AAC-hbr;config="1408"',
    'config=1408;',
  ])('AAC by %s', (fmtp) => {
    expect(audio(97, 'rtpmap:97 MPEG4-GENERIC/16000/1', `fmtp:97 ${fmtp}`)?.audio).toEqual({
      codec: 'aac',
      rtpClockRate: 16_000,
      sampleRate: 16_000,
      channels: 1,
      config: hex('1408'),
      aac: HBR,
    });
  });

  it('AAC in low bit rate has shorter headers', () => {
    const media = audio(97, 'rtpmap:97 mpeg4-generic/8000', 'fmtp:97 mode=AAC-lbr;config=1588');
    expect(media?.audio?.aac).toEqual({
      kind: 'generic',
      sizeLength: 6,
      indexLength: 2,
      indexDeltaLength: 2,
    });
  });

  it('AAC with a useless config gets one by its rtpmap', () => {
    const media = audio(97, 'rtpmap:97 mpeg4-generic/44100/2', 'fmtp:97 mode=AAC-hbr;config=zz');
    expect(media?.audio).toMatchObject({ sampleRate: 44_100, channels: 2, config: hex('1210') });
  });

  it('AAC as LATM with its configuration out of band', () => {
    const media = audio(97, 'rtpmap:97 MP4A-LATM/16000', 'fmtp:97 cpresent=0;config=400028103fc0');
    expect(media?.audio).toMatchObject({
      codec: 'aac',
      sampleRate: 16_000,
      channels: 1,
      aac: { kind: 'latm' },
    });
  });

  it.each(['SPEEX/16000', 'G729/8000', 'MPEG4-GENERIC/0/99', 'L16/9999999'])(
    '%s is not played, and does no harm',
    (map) => {
      expect(audio(97, `rtpmap:97 ${map}`)).toMatchObject({ kind: 'audio', audio: undefined });
    },
  );
});
