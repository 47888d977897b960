import {
  digestAuthorization,
  InterleavedParser,
  parseChallenges,
  parseSdp,
  type RtspEvent,
} from '@vedette/rtsp';
import { type FuzzTarget, promise, statelessTarget } from '../fuzz-target.ts';
import { bytesOf, type Mutator } from '../mutator.ts';

const MESSAGES = bytesOf(
  'RTSP/1.0 200 OK\r\nCSeq: 1\r\nPublic: OPTIONS, DESCRIBE, SETUP, PLAY\r\n\r\n',
  'RTSP/1.0 401 Unauthorized\r\nCSeq: 2\r\nWWW-Authenticate: Digest realm="a", nonce="b"\r\n\r\n',
  'RTSP/1.0 200 OK\r\nCSeq: 3\r\nContent-Type: application/sdp\r\nContent-Length: 12\r\n\r\nv=0\r\ns=x\r\nt=',
  'OPTIONS rtsp://127.0.0.1/ RTSP/1.0\r\nCSeq: 9\r\n\r\n',
  'GET_PARAMETER * RTSP/1.0\nCSeq: 10\n\n',
  '$\0\0\x0c\x80\x60\0\x01\0\0\0\0\0\0\0\0',
  '$\x01\0\x08\x80\xc9\0\x01\0\0\0\0',
  '\r\n\r\n',
  'junk$$$RTSP/',
);
const MESSAGE_WORDS = bytesOf(
  '$',
  '\r\n\r\n',
  '\n\n',
  'RTSP/1.0 ',
  'Content-Length: ',
  'Content-Length: 131072\r\n',
  '99999999999',
  '-1',
  ': ',
  '\0',
);

/** What the parser may hold while it waits: one message with its head and body, or one packet. */
const MOST_SILENT_BYTES = 800 * 1024;

/** Bytes as TCP brings them: messages, packets and junk, cut anywhere. */
export const interleavedTarget: FuzzTarget = {
  name: 'rtsp: interleaved bytes',
  inputsPerSubject: 2000,
  open: () => {
    let pushed = 0;
    let claimed = 0;
    const onEvent = (event: RtspEvent) => {
      claimed = pushed;
      if (event.kind === 'packet') promise(event.data.length <= 0xffff, 'a packet is at most 65535 bytes');
      if (event.kind === 'response') promise(event.body.length <= 131_072, 'a body is bounded');
    };
    let parser = new InterleavedParser(onEvent);
    return {
      next: (random) => chunk(random),
      feed: (input) => {
        pushed += input.length;
        try {
          parser.push(Buffer.from(input));
        } catch (error) {
          if (!(error instanceof RangeError)) throw error;
          parser = new InterleavedParser(onEvent);
          claimed = pushed;
        }
        promise(pushed - claimed < MOST_SILENT_BYTES, 'what waits for its end is bounded');
      },
    };
  },
};

function chunk(random: Mutator): Uint8Array {
  const empty = new Uint8Array();
  const parts: Uint8Array[] = [];
  for (let i = random.below(4); i >= 0; i -= 1) {
    const seed = random.pick(MESSAGES, empty);
    parts.push(random.chance(60) ? seed : random.mutate(seed, MESSAGES, MESSAGE_WORDS));
  }
  const whole = Buffer.concat(parts);
  return random.chance(40) ? whole.subarray(0, random.below(whole.length)) : whole;
}

const SDPS = bytesOf(
  `v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=Media\r\nc=IN IP4 0.0.0.0\r\nt=0 0\r\na=control:*\r\nm=video 0 RTP/AVP 96\r
a=rtpmap:96 H264/90000\r\na=fmtp:96 packetization-mode=1;profile-level-id=42C01F;sprop-parameter-sets=Z0LAH9kAUAW7/wADAAQQAAADABAAAAMDAeDxgyQ=,aMuDyyA=\r
a=control:trackID=0\r\nm=audio 0 RTP/AVP 97\r\na=rtpmap:97 MPEG4-GENERIC/16000/1\r
a=fmtp:97 streamtype=5;profile-level-id=1;mode=AAC-hbr;sizelength=13;indexlength=3;indexdeltalength=3;config=1408\r\na=control:trackID=1\r\n`,
  `v=0\ns=\nm=video 0 RTP/AVP 97\na=rtpmap:97 H265/90000\na=fmtp:97 sprop-vps=QAEMAf//AWAAAAMAkAAAAwAAAwB4lZgJ; sprop-sps=QgEBAWAAAAMA; sprop-pps=RAHBc9CJ\na=sendonly\n`,
  `m=audio 0 RTP/AVP 0\r\nm=audio 0 RTP/AVP 98\r\na=rtpmap:98 opus/48000/2\r\na=fmtp:98 stereo=1\r\nm=audio 0 RTP/AVP 99\r\na=rtpmap:99 G726-32/8000\r
m=audio 0 RTP/AVP 100\r\na=rtpmap:100 MP4A-LATM/48000\r\na=fmtp:100 cpresent=0;config=40002320\r\nm=application 0 RTP/AVP 107\r\na=rtpmap:107 vnd.onvif.metadata/90000\r\n`,
  'm=video 0 RTP/AVP smart/1/90000\r\na=rtpmap:96 H264/90000\r\nm=video 0 RTP/AVP 26\r\na=fmtp:26\r\nm=metadata 0 RTP/AVP 1\r\n',
);
const SDP_WORDS = bytesOf(
  'm=video 0 RTP/AVP 96\r\n',
  'm=audio 0 RTP/AVP 97\r\n',
  'a=rtpmap:',
  'a=fmtp:96 ',
  'a=control:',
  'sprop-parameter-sets=',
  'config=',
  '/90000',
  '/0',
  '/99999999999999999999',
  '-1',
  '=',
  ';',
  ',',
  '\r\n',
);

export const sdpTarget = statelessTarget({
  name: 'rtsp: SDP',
  seeds: SDPS,
  words: SDP_WORDS,
  check: (input) => {
    const sdp = parseSdp(Buffer.from(input).toString('utf8'));
    promise(sdp.media.length <= 16, 'media sections are bounded');
    for (const media of sdp.media) {
      promise(Number.isInteger(media.payloadType) && media.payloadType < 128, 'a payload type is one');
      promise(media.clockRate > 0 && Number.isFinite(media.clockRate), 'a clock rate is a number above zero');
    }
  },
});

const CHALLENGES = bytesOf(
  'Digest realm="IP Camera(12345)", nonce="88a9", algorithm="MD5", qop="auth,auth-int", opaque="x"',
  'Digest realm="a\\"b", nonce="n", algorithm=SHA-256, Basic realm="c, d"',
  'Basic realm="x", Digest nonce=abc, realm=y, stale=TRUE',
  'Negotiate, Digest realm="", nonce=""',
);

export const challengeTarget = statelessTarget({
  name: 'rtsp: authorization challenges',
  seeds: CHALLENGES,
  words: bytesOf('Digest ', 'Basic ', ', ', '"', '\\', '="', 'qop=', 'algorithm=', 'nonce="', '\r\n'),
  check: (input) => {
    const text = Buffer.from(input).toString('utf8').slice(0, 2048);
    for (const challenge of parseChallenges([text, 'Basic realm="z"'])) {
      const answer = digestAuthorization(challenge, {
        username: 'user"\\',
        password: 'secret-of-the-camera',
        method: 'DESCRIBE',
        uri: 'rtsp://192.0.2.1/',
        nonceCount: 1,
        cnonce: 'c',
      });
      promise(!answer.includes('secret-of-the-camera'), 'the password is never in clear');
      promise(!/[\r\n]/.test(answer) || /[\r\n]/.test(text), 'no line end of our making');
    }
  },
});
