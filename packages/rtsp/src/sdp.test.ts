import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseSdp } from './sdp.ts';

const ORDINARY = `v=0\r
o=- 1 1 IN IP4 10.0.0.5\r
s=Session\r
a=control:rtsp://10.0.0.5/main/\r
m=video 0 RTP/AVP 96\r
a=rtpmap:96 H264/90000\r
a=fmtp:96 packetization-mode=1;profile-level-id=64001F;sprop-parameter-sets=Z2QAH6w=,aO48gA==\r
a=control:trackID=0\r
m=audio 0 RTP/AVP 8\r
a=control:trackID=1\r
`;

describe('parseSdp', () => {
  it('reads codec, control and parameter sets', () => {
    const sdp = parseSdp(ORDINARY);
    expect(sdp.control).toBe('rtsp://10.0.0.5/main/');
    expect(sdp.media).toMatchObject([
      { kind: 'video', payloadType: 96, codec: 'h264', clockRate: 90_000, control: 'trackID=0' },
      { kind: 'audio', payloadType: 8, codec: undefined, audio: { codec: 'pcma' }, control: 'trackID=1' },
    ]);
    expect(sdp.media[0]?.parameterSets).toHaveLength(2);
  });

  it.each([
    ['no v, o, s and no last line end', ORDINARY.replace(/^v=.*\r\no=.*\r\ns=.*\r\n/, '').trimEnd()],
    ['bad c and t lines', ORDINARY.replace('s=Session', 's=Session\r\nc=IN IP IP4\r\nt=a b')],
    [
      'repeated s and trailing spaces',
      ORDINARY.replaceAll('\r\n', '  \r\n').replace('s=Session', 's=a\r\ns=b'),
    ],
    [
      'the payload of TP-Link',
      `${ORDINARY}m=application/tplink 0 RTP/AVP smart/1/90000\r\na=rtpmap:95 TPLINK/90000\r\n`,
    ],
    ['text and metadata media', `${ORDINARY}m=metadata 0 RTP/AVP 107\r\nm=text 0 RTP/AVP 108\r\n`],
    ['a bare fmtp', ORDINARY.replace(/a=fmtp.*\r\n/, 'a=fmtp:96\r\n')],
  ])('tolerates %s', (_what, text) => {
    expect(parseSdp(text).media[0]).toMatchObject({ kind: 'video', codec: 'h264', control: 'trackID=0' });
  });

  it('ignores parameter sets that are no base64 of anything', () => {
    const text = ORDINARY.replace(/sprop-parameter-sets=\S+/, 'sprop-parameter-sets=,=');
    expect(parseSdp(text).media[0]?.parameterSets).toEqual([]);
  });

  it('takes the first payload type that is played, out of several', () => {
    const text = 'm=audio 0 RTP/AVP 97 0 8\na=rtpmap:97 SPEEX/16000\n';
    expect(parseSdp(text).media[0]).toMatchObject({ payloadType: 0, audio: { codec: 'pcmu' } });
  });

  it('keeps media that it does not know, without a codec', () => {
    const text = 'm=application 0 RTP/AVP 107\na=rtpmap:107 vnd.onvif.metadata/90000\na=control:track3\n';
    expect(parseSdp(text).media[0]).toMatchObject({
      kind: 'application',
      codec: undefined,
      audio: undefined,
      encoding: 'vnd.onvif.metadata',
      control: 'track3',
    });
  });

  it('keeps the lines that describe the payload, for who hands it on', () => {
    expect(parseSdp(ORDINARY).media[0]?.lines).toEqual(ORDINARY.match(/a=(?:rtpmap|fmtp).*(?=\r)/g));
  });

  it('never throws', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.string().map((text) => ORDINARY + text),
        ),
        (text) => Array.isArray(parseSdp(text).media),
      ),
      { numRuns: 500 },
    );
  });
});

it('a clock rate of a hundred digits is no clock rate', () => {
  const [media] = parseSdp(`m=video 0 RTP/AVP 96\na=rtpmap:96 H264/${'9'.repeat(400)}\n`).media;
  expect(media).toMatchObject({ codec: 'h264' });
  expect(media?.clockRate).toBeLessThan(1e9);
});
