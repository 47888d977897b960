// What cameras put on an RTSP connection besides what was asked for: media-quirks (a).
import { describe, expect, test } from 'vitest';
import { Camera, PPS, rtp, SPS, slice } from '../../packages/rtp/src/rtp.fixture.ts';
import { type CameraScript, H264_SDP, ScriptedCamera } from '../../simulators/testing/scripted-camera.ts';
import { eventually } from '../support/eventually.ts';
import { Pull } from '../support/pulling.ts';
import { stillPackets, stillPicture } from './still-picture.ts';

const PICTURES = 4;

/** Pulls a camera until all pictures of `stillPicture` have come. */
async function pulled(script: CameraScript): Promise<{ camera: ScriptedCamera; pull: Pull }> {
  const camera = await ScriptedCamera.start(script);
  const pull = new Pull({ url: camera.url });
  await pull.pictures(PICTURES);
  await pull[Symbol.asyncDispose]();
  await camera[Symbol.asyncDispose]();
  return { camera, pull };
}

const interleaved = (packet: Uint8Array, channel = 0) =>
  Buffer.concat([Buffer.of(0x24, channel, packet.length >> 8, packet.length & 0xff), packet]);

describe('interleaved bytes', () => {
  test('media before the answer to PLAY is taken', async () => {
    const { pull } = await pulled({
      answer: ({ method }, client) => {
        if (method === 'PLAY') stillPicture(client);
        return undefined;
      },
    });
    expect(pull.video[0]?.key).toBe(true);
    expect(pull.source.packetsLost).toBe(0);
  });

  test('media between the bytes of nothing else: stray line ends and junk are skipped, no packet is lost', async () => {
    const { pull } = await pulled({
      onPlay: (client) => {
        for (const packet of stillPackets()) {
          client.write('\r\n');
          // Leftovers of a packet, with a byte that looks like the beginning of another.
          client.write(Buffer.from([0x13, 0x37, 0x24, 0xee, 0x01, 0x02, 0x41, 0x42, 0x00]));
          client.write(interleaved(packet));
        }
      },
    });
    expect(pull.source.packetsLost).toBe(0);
  });

  test('an answer is found wherever it stands between two packets, however the bytes are cut', async () => {
    const { camera } = await pulled({
      answer: ({ method, headers }, client) => {
        if (method !== 'PLAY') return undefined;
        const [first = new Uint8Array(), ...rest] = stillPackets();
        const answer = `RTSP/1.0 200 OK\r\nCSeq: ${headers.get('cseq')}\r\nSession: 12345678\r\n\r\n`;
        const bytes = Buffer.concat([
          interleaved(first),
          Buffer.from(answer),
          ...rest.map((packet) => interleaved(packet)),
        ]);
        for (let at = 0; at < bytes.length; at += 7) client.write(bytes.subarray(at, at + 7));
        return null;
      },
    });
    expect(camera.methods()).toEqual(['DESCRIBE', 'SETUP', 'PLAY', 'TEARDOWN']);
  });

  test('requests of the camera are answered: OPTIONS with 200, anything else with 501, and the session goes on', async () => {
    const { camera } = await pulled({
      answer: ({ method }, client) => {
        if (method === 'PLAY') {
          client.write('OPTIONS rtsp://192.0.2.1/ RTSP/1.0\r\nCSeq: 71\r\n\r\n');
          client.write('ANNOUNCE * RTSP/1.0\r\nCSeq: 72\r\n\r\n');
          setTimeout(() => stillPicture(client), 30);
        }
        return undefined;
      },
    });
    const answers = camera.requests.filter(({ method }) => method.startsWith('answer'));
    expect(answers.map(({ method, headers }) => [method, headers.get('cseq')])).toEqual([
      ['answer 200', '71'],
      ['answer 501', '72'],
    ]);
  });

  test('the channels of the answer are obeyed, others and other payload types are ignored (Geovision)', async () => {
    const { pull } = await pulled({
      answer: ({ method }) =>
        method === 'SETUP'
          ? {
              headers: [
                ['Transport', 'RTP/AVP/TCP;unicast;interleaved=5'],
                ['Session', '12345678'],
              ],
            }
          : undefined,
      onPlay: (client) => {
        for (const packet of stillPackets()) {
          client.packet(rtp({ sequence: 9, timestamp: 1, payload: slice('idr', 9), payloadType: 50 }), 5);
          client.packet(rtp({ sequence: 9, timestamp: 1, payload: slice('idr', 9) }), 8);
          client.packet(packet, 5);
        }
      },
    });
    expect(pull.video).toHaveLength(PICTURES);
  });

  test('a CSeq with spaces, in other letters, or none at all is matched, and a status text may be empty', async () => {
    const sdp = H264_SDP;
    const { camera } = await pulled({
      answer: ({ method }) => {
        if (method === 'DESCRIBE')
          return `RTSP/1.0 200\r\ncseq:   {cseq}  \r\nContent-Length: ${sdp.length}\r\n\r\n${sdp}`;
        if (method === 'PLAY') return 'RTSP/1.0 200 OK\r\nSession: 12345678\r\n\r\n';
        return undefined;
      },
      onPlay: stillPicture,
    });
    expect(camera.methods()).toContain('PLAY');
  });
});

describe('what a session description may look like', () => {
  const media = 'm=video 0 RTP/AVP 96\na=rtpmap:96 H264/90000\na=control:trackID=0\n';
  test.each([
    ['no v, o and s', media],
    ['bad c and t', `v=0\nc=IN IP4\nt=\n${media}`],
    ['IP IP4', `v=0\no=- 1 1 IP IP4 10.0.0.1\nc=IP IP4 10.0.0.1\n${media}`],
    ['s more than once', `v=0\ns=a\ns=b\ns=\n${media}`],
    ['spaces at the ends', media.replaceAll('\n', '   \r\n')],
    [
      'smart/1/90000 as a payload (TP-Link)',
      `${media}m=application 0 RTP/AVP smart/1/90000\na=rtpmap:107 x/1\n`,
    ],
    ['metadata and text', `m=metadata 0 RTP/AVP 98\nm=text 0 RTP/AVP 99\n${media}`],
    ['a bare a=fmtp:96', media.replace('a=control', 'a=fmtp:96\na=control')],
    ['no last line end', media.trimEnd()],
    ['a media section that is nonsense before the good one', `m=video\nm=\nm=video 0 RTP/AVP 999\n${media}`],
  ])('%s: the picture is played', async (_what, sdp) => {
    const { pull } = await pulled({ sdp, onPlay: stillPicture });
    expect(pull.failure).toBeUndefined();
  });

  test('no Content-Type, or one with a charset, is no reason to refuse', async () => {
    for (const headers of [[], [['Content-Type', 'application/sdp; charset=utf-8']]] as const) {
      const { pull } = await pulled({
        answer: ({ method }) => (method === 'DESCRIBE' ? { body: H264_SDP, headers } : undefined),
        onPlay: stillPicture,
      });
      expect(pull.failure).toBeUndefined();
    }
  });

  test('a back channel is left alone', async () => {
    const sdp = `${H264_SDP}m=audio 0 RTP/AVP 0\r\na=sendonly\r\na=control:trackID=5\r\n`;
    const { camera } = await pulled({ sdp, onPlay: stillPicture });
    expect(camera.requests.filter(({ method }) => method === 'SETUP')).toHaveLength(1);
  });
});

describe('the end of a session', () => {
  test('every session is ended with TEARDOWN, also one whose camera plays nothing', async () => {
    await using camera = await ScriptedCamera.start();
    const pull = new Pull({ url: camera.url });
    await eventually('PLAY', () => camera.methods().includes('PLAY'), { everyMs: 5 });
    await pull[Symbol.asyncDispose]();
    expect(camera.methods().at(-1)).toBe('TEARDOWN');
    expect(pull.failure).toBeUndefined();
  });

  test('what an old server still sends of the session before is not taken for ours (live555 before 2017)', async () => {
    const stale = new Camera();
    stale.sequence = 100;
    stale.send([SPS, PPS, slice('idr', 40)]).send([slice('p', 41)]);
    const old = stale.packets.map((packet) => {
      const copy = Buffer.from(packet);
      copy.writeUInt32BE(0x9999, 8);
      return copy;
    });
    const { pull } = await pulled({
      answer: ({ method }, client) => {
        if (method === 'DESCRIBE') client.packet(old[0] ?? new Uint8Array());
        return undefined;
      },
      onPlay: (client) => {
        const good = stillPackets();
        for (let i = 0; i < good.length; i += 1) {
          client.packet(good[i] ?? new Uint8Array());
          client.packet(old[i % old.length] ?? new Uint8Array());
        }
      },
    });
    expect(pull.video).toHaveLength(PICTURES);
    expect(pull.nals.flat()).not.toContain(Buffer.from(slice('idr', 40)).toString('hex'));
  });
});
