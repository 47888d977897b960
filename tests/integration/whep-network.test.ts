import { fileURLToPath } from 'node:url';
import { timestampDelta } from '@vedette/rtp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ClipFeeder } from '../support/clip-feeder.ts';
import { eventually } from '../support/eventually.ts';
import { UdpProxy } from '../support/udp-proxy.ts';
import { WebrtcListener } from '../support/webrtc-listener.ts';
import { WhepNode } from '../support/whep-node.ts';

const CLIP = fileURLToPath(new URL('../../fixtures/clips/gate-main.h264', import.meta.url));
const FPS = 15;

/** RFC 4585 section 6.3.1 and 6.2.1. */
function feedback(
  type: 205 | 206,
  format: number,
  mediaSsrc: number,
  entries: readonly number[] = [],
): Buffer {
  const packet = Buffer.alloc(12 + 4 * entries.length);
  packet[0] = 0x80 | format;
  packet[1] = type;
  packet.writeUInt16BE(packet.length / 4 - 1, 2);
  packet.writeUInt32BE(1, 4);
  packet.writeUInt32BE(mediaSsrc, 8);
  for (const [index, entry] of entries.entries()) packet.writeUInt32BE(entry, 12 + 4 * index);
  return packet;
}

describe('WHEP over lines and with viewers that are not well', () => {
  let node: WhepNode;
  let feeder: ClipFeeder;

  beforeAll(async () => {
    node = await WhepNode.start();
    feeder = new ClipFeeder({ file: CLIP, fps: FPS, sink: node.hub('cam_live') });
    await eventually('a group of pictures', () => node.hub('cam_live').gop().frames.length > 5);
  });
  afterAll(async () => {
    feeder[Symbol.dispose]();
    await node[Symbol.asyncDispose]();
  });

  const open = (token: string, proxy?: UdpProxy) =>
    WebrtcListener.open({
      url: node.url('cam_live'),
      token,
      reporting: true,
      ...(proxy === undefined ? {} : { rewriteAnswer: proxy.rewrite }),
    });
  const sessionOf = (viewer: WebrtcListener) =>
    node.endpoint.session(viewer.resource.split('/').at(-1) ?? '');
  const ssrcOf = (viewer: WebrtcListener) => viewer.video[0]?.packet.ssrc ?? 0;
  const framesOf = (viewer: WebrtcListener) => viewer.video.filter(({ packet }) => packet.marker).length;

  it('sends a packet again when asked: the same one, by the same source', async () => {
    using proxy = await UdpProxy.open({ nodePort: node.udpPort, lose: 20 });
    await using viewer = await open('nack', proxy);
    const lost = await eventually('a packet was lost', () => viewer.video.length > 30 && proxy.dropped);
    expect(viewer.lost).toBe(1);
    viewer.send(feedback(205, 1, ssrcOf(viewer), [(lost << 16) >>> 0]));
    await eventually('it came', () => viewer.video.some(({ packet }) => packet.sequence === lost));
    expect(new Set(viewer.video.map(({ packet }) => packet.ssrc)).size).toBe(1);
  });

  it('lets a flood of requests cost only who sends it', async () => {
    await using neighbour = await open('neighbour');
    using proxy = await UdpProxy.open({ nodePort: node.udpPort });
    await using flooder = await open('flooder', proxy);
    await eventually('pictures for both', () => framesOf(neighbour) > 5 && framesOf(flooder) > 5);
    const latest = flooder.video.at(-1)?.packet.sequence ?? 0;
    const all = Array.from({ length: 250 }, (_, i) => ((((latest - i) & 0xffff) << 16) | 0xffff) >>> 0);
    const received = proxy.packets;
    for (let i = 0; i < 30; i += 1) flooder.send(feedback(205, 1, ssrcOf(flooder), all));
    const before = framesOf(neighbour);
    const from = performance.now();
    await eventually('a second of pictures for the neighbour', () => framesOf(neighbour) >= before + FPS);
    expect(performance.now() - from).toBeLessThan(1500);
    console.log(`a flooder asked for 127500 packets and was sent ${proxy.packets - received}`);
    expect(proxy.packets - received).toBeLessThan(20_000);
    await eventually('the end of the flooder', () => {
      for (let i = 0; i < 100 && flooder.state === 'connected'; i += 1) {
        flooder.send(feedback(206, 1, ssrcOf(flooder)));
      }
      return node.left.some(({ sessionId, reason }) => sessionId === 'flooder' && reason === 'rate_limited');
    });
    const after = framesOf(neighbour);
    await eventually('the neighbour goes on', () => framesOf(neighbour) >= after + 5);
    expect(neighbour.lost).toBe(0);
  });

  it('answers lost pictures from its cache, once for many requests, with sequence and time that go on', async () => {
    await using viewer = await open('pli');
    await eventually('pictures', () => framesOf(viewer) > 10);
    const before = viewer.video.length;
    for (let i = 0; i < 10; i += 1) viewer.send(feedback(206, 1, ssrcOf(viewer)));
    const keys = () =>
      viewer.video.slice(before).filter(({ packet }) => ((packet.payload[0] ?? 0) & 0x1f) === 7);
    await eventually('a key frame', () => keys().length > 0, { withinMs: 1000 });
    await eventually('more pictures', () => framesOf(viewer) > 25);
    expect(viewer.lost).toBe(0);
    expect(new Set(viewer.video.map(({ packet }) => packet.sequence)).size).toBe(viewer.video.length);
    for (const [i, { packet }] of viewer.video.entries()) {
      expect(
        timestampDelta(packet.timestamp, viewer.video[i - 1]?.packet.timestamp ?? packet.timestamp),
      ).toBeGreaterThanOrEqual(0);
    }
    // One answer, and at most one key frame that was due anyway.
    expect(keys().length).toBeLessThanOrEqual(2);
  });

  it.concurrent('moves a viewer behind 100 kbit/s on to key frames, and its neighbour sees nothing of it', async () => {
    using proxy = await UdpProxy.open({ nodePort: node.udpPort, bitsPerSecond: 100_000 });
    await using neighbour = await open('fast');
    await using slow = await open('slow', proxy);
    await eventually('pictures were left out', () => (sessionOf(slow)?.stats().framesDropped ?? 0) > FPS, {
      withinMs: 8000,
    });
    const dropped = sessionOf(slow)?.stats().framesDropped ?? 0;
    expect(dropped).toBeGreaterThan(0);
    expect(sessionOf(slow)?.stats().packetsLost).toBeGreaterThan(0);
    expect(sessionOf(neighbour)?.stats().framesDropped).toBe(0);
    expect(neighbour.lost).toBe(0);
  });

  it.concurrent('knows within 7 s that a line was cut', async () => {
    using proxy = await UdpProxy.open({ nodePort: node.udpPort });
    await using viewer = await open('cut', proxy);
    await eventually('pictures', () => framesOf(viewer) > 10);
    const cutAt = performance.now();
    proxy.cut();
    await eventually('its end', () => node.left.some(({ sessionId }) => sessionId === 'cut'), {
      withinMs: 7000,
    });
    expect(node.left.find(({ sessionId }) => sessionId === 'cut')?.reason).toBe('viewer_silent');
    expect(performance.now() - cutAt).toBeLessThan(7000);
    expect(sessionOf(viewer)).toBeUndefined();
  });
});
