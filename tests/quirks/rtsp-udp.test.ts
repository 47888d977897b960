// Cameras that promise datagrams, and what comes of it: media-quirks (a).
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { playRtsp, type RtspPlayback } from '@vedette/rtsp';
import { describe, expect, test } from 'vitest';
import { Camera, PPS, SPS, slice } from '../../packages/rtp/src/rtp.fixture.ts';
import { type CameraScript, ScriptedCamera } from '../../simulators/testing/scripted-camera.ts';
import { eventually } from '../support/eventually.ts';
import { HeldClock } from '../support/held-clock.ts';
import { loopbackDial, Pull } from '../support/pulling.ts';
import { sendAll, stillPackets, stillPicture } from './still-picture.ts';

/** What the camera answers SETUP with: the client's ports and `more`. */
const grant = (transport: string, more = '') => ({
  headers: [
    ['Transport', `${transport}${more}`],
    ['Session', '12345678'],
  ] as const,
});

async function pulled(script: CameraScript, count = 4) {
  const camera = await ScriptedCamera.start(script);
  const pull = new Pull({ url: camera.url, transport: 'udp' });
  await pull.pictures(count);
  await pull[Symbol.asyncDispose]();
  await camera[Symbol.asyncDispose]();
  return { camera, pull };
}

async function boundSocket(): Promise<Socket> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return socket;
}

describe('media over UDP', () => {
  test('an even port and the odd one after it are asked for', async () => {
    const { camera } = await pulled({ onPlay: stillPicture });
    const [, rtp, rtcp] =
      /client_port=(\d+)-(\d+)/.exec(camera.request('SETUP')?.headers.get('transport') ?? '') ?? [];
    expect(Number(rtp) % 2).toBe(0);
    expect(Number(rtcp)).toBe(Number(rtp) + 1);
  });

  test('both ports of the camera are greeted without its media, so that a firewall lets that through', async () => {
    const rtp = await boundSocket();
    const rtcp = await boundSocket();
    const greeted: string[] = [];
    rtp.on('message', () => greeted.push('rtp'));
    rtcp.on('message', () => greeted.push('rtcp'));
    const ports = `;server_port=${rtp.address().port}-${rtcp.address().port}`;
    await pulled({
      answer: ({ method, headers }) =>
        method === 'SETUP' ? grant(headers.get('transport') ?? '', ports) : undefined,
      onPlay: (client) => {
        // The datagrams take another way than the request: they are there now at the latest.
        void eventually('greetings', () => greeted.length >= 2, { everyMs: 2 }).then(() =>
          stillPicture(client),
        );
      },
    });
    expect(new Set(greeted)).toEqual(new Set(['rtp', 'rtcp']));
    rtp.close();
    rtcp.close();
  });

  test('an answer without server_port is enough', async () => {
    const { camera } = await pulled({
      answer: ({ method, headers }) =>
        method === 'SETUP' ? grant(headers.get('transport') ?? '') : undefined,
      onPlay: stillPicture,
    });
    expect(camera.connections).toBe(1);
  });

  test('datagrams of 10 kB are taken (Tapo)', async () => {
    const big = slice('idr', 1, 9000);
    const packets = new Camera().send([SPS, PPS, big]).send([slice('p', 2)]).packets;
    const { pull } = await pulled({ onPlay: (client) => sendAll(client, packets) }, 2);
    expect(pull.nals[0]?.at(-1)).toBe(Buffer.from(big).toString('hex'));
  });

  test('datagrams that overtake each other come out in order, repeated ones once', async () => {
    const camera = new Camera().send([SPS, PPS, slice('idr', 1)]);
    for (let n = 2; n < 40; n += 1) camera.send([slice('p', n)]);
    const [first, ...rest] = camera.packets;
    const shuffled = rest
      .map((packet, i) => ({ packet, at: i + ((i * 7) % 11) }))
      .sort((a, b) => a.at - b.at);
    const sent = shuffled.flatMap(({ packet }, i) => (i % 5 === 0 ? [packet, packet] : [packet]));
    const { pull } = await pulled(
      { onPlay: (client) => sendAll(client, [...(first === undefined ? [] : [first]), ...sent]) },
      39,
    );
    const seeds = pull.nals.map((nals) => nals.at(-1));
    expect(seeds).toEqual(
      [slice('idr', 1), ...Array.from({ length: 38 }, (_, i) => slice('p', i + 2))].map((nal) =>
        Buffer.from(nal).toString('hex'),
      ),
    );
    expect(pull.source.packetsLost).toBe(0);
  });

  test('a port of ours that the camera refuses to hear from does not end the stream', async () => {
    // Nobody listens at the named server ports: the greeting comes back as "port unreachable".
    const gone = await boundSocket();
    const { port } = gone.address();
    gone.close();
    const { camera } = await pulled({
      answer: ({ method, headers }) =>
        method === 'SETUP'
          ? grant(headers.get('transport') ?? '', `;server_port=${port}-${port + 1}`)
          : undefined,
      onPlay: (client) => void setTimeout(() => stillPicture(client), 30),
    });
    expect(camera.connections).toBe(1);
  });
});

describe('UDP that does not work', () => {
  async function switched(script: CameraScript, silence: boolean) {
    const camera = await ScriptedCamera.start(script);
    const clock = new HeldClock();
    const seen: boolean[] = [];
    const packets: Uint8Array[] = [];
    const opening: Promise<RtspPlayback> = playRtsp({
      url: camera.url,
      transport: 'udp',
      dial: loopbackDial,
      clock,
      signal: new AbortController().signal,
      onMedia: (_media, unordered) => void seen.push(unordered),
      onRtp: (_kind, data) => void packets.push(data),
      onRtcp: () => undefined,
    });
    if (silence) {
      await eventually('PLAY', () => camera.methods().includes('PLAY'), { everyMs: 5 });
      await new Promise((resolve) => setTimeout(resolve, 20));
      await clock.pass(2900);
      expect(camera.connections).toBe(1);
      await clock.pass(200);
    }
    const playback = await opening;
    await eventually('the media', () => packets.length >= stillPackets().length, { everyMs: 5 });
    await playback.close();
    await camera[Symbol.asyncDispose]();
    return { camera, seen };
  }
  const overTcp = (connection: number) => connection > 1;

  test('nothing for 3 s: a goodbye, a new connection, DESCRIBE again, TCP (Hikvision)', async () => {
    const { camera, seen } = await switched(
      { onPlay: (client) => (overTcp(client.number) ? stillPicture(client) : undefined) },
      true,
    );
    expect(camera.methods(1)).toEqual(['DESCRIBE', 'SETUP', 'PLAY', 'TEARDOWN']);
    expect(camera.methods(2)).toEqual(['DESCRIBE', 'SETUP', 'PLAY', 'TEARDOWN']);
    expect(camera.request('SETUP')?.headers.get('transport')).toContain('TCP');
    expect(seen).toEqual([true, false]);
  });

  test('461 leads to a new connection over TCP', async () => {
    const { camera } = await switched(
      {
        answer: ({ method, connection }) =>
          method === 'SETUP' && !overTcp(connection) ? { status: 461 } : undefined,
        onPlay: stillPicture,
      },
      false,
    );
    expect(camera.methods(2)).toEqual(['DESCRIBE', 'SETUP', 'PLAY', 'TEARDOWN']);
  });

  test('a camera that answers TCP to a request for UDP gets a new connection over TCP', async () => {
    const { camera } = await switched(
      {
        answer: ({ method, connection }) =>
          method === 'SETUP' && !overTcp(connection)
            ? grant('RTP/AVP/TCP;unicast;interleaved=0-1')
            : undefined,
        onPlay: (client) => (overTcp(client.number) ? stillPicture(client) : undefined),
      },
      false,
    );
    expect(camera.methods(2)).toEqual(['DESCRIBE', 'SETUP', 'PLAY', 'TEARDOWN']);
  });
});
