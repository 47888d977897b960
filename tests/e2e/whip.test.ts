import { createHttpServer, silentLog, systemClock } from '@vedette/runtime';
import type { FastifyInstance } from 'fastify';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PublishRegistry } from '../../apps/media-node/src/ingest/publish/publish-registry.ts';
import { PublishSource } from '../../apps/media-node/src/ingest/publish/publish-source.ts';
import { WhipEndpoint } from '../../apps/media-node/src/ingest/publish/whip-endpoint.ts';
import { whipRoutes } from '../../apps/media-node/src/ingest/publish/whip-routes.ts';
import { Chromium } from '../support/chromium.ts';
import { eventually } from '../support/eventually.ts';
import { WebrtcListener } from '../support/webrtc-listener.ts';
import { WhepNode } from '../support/whep-node.ts';

const SOURCE = { kind: 'publish', via: 'whip', username: 'encoder', password: 'the-password' } as const;
const BASIC = `Basic ${Buffer.from('encoder:the-password').toString('base64')}`;

describe('publishing by WHIP (RFC 9725) from Chromium', () => {
  const registry = new PublishRegistry({ clock: systemClock });
  const stop = new AbortController();
  let node: WhepNode;
  let whip: WhipEndpoint;
  let app: FastifyInstance;
  let chromium: Chromium;
  let page: Page;
  let address = '';
  let source: PublishSource;

  beforeAll(async () => {
    node = await WhepNode.start();
    whip = new WhipEndpoint({ clock: systemClock, peers: node.endpoint.peers });
    app = createHttpServer({ log: silentLog(), bodyLimit: 64 * 1024 });
    await app.register((instance) => whipRoutes(instance, { endpoint: whip, registry }));
    address = await app.listen({ port: 0, host: '127.0.0.1' });
    source = new PublishSource({
      path: 'cam_published',
      source: SOURCE,
      registry,
      clock: systemClock,
      firstTicks: undefined,
      onPlaying: () => undefined,
      onWaiting: () => undefined,
    });
    source.run(node.hub('cam_published'), stop.signal).catch(() => undefined);
    chromium = await Chromium.launch();
    page = await chromium.context.newPage();
  });
  afterAll(async () => {
    stop.abort();
    whip?.close();
    await chromium?.close();
    await app?.close();
    await node?.[Symbol.asyncDispose]();
  });

  const post = (authorization: string | undefined, body: string, path = 'cam_published') =>
    fetch(`${address}/whip/${path}`, {
      method: 'POST',
      headers: {
        'content-type': 'application/sdp',
        ...(authorization === undefined ? {} : { authorization }),
      },
      body,
    });

  /** A canvas and a tone go out as `name`; resolves with the session's address. */
  async function publish(name: string, authorization: string): Promise<string> {
    const offer = await page.evaluate(async (name) => {
      const canvas = document.createElement('canvas');
      [canvas.width, canvas.height] = [320, 180];
      const context = canvas.getContext('2d');
      let n = 0;
      setInterval(() => {
        context?.fillRect(0, 0, 320, 180);
        n = (n + 5) % 300;
        context?.clearRect(n, 40, 20, 20);
      }, 66);
      const audio = new AudioContext();
      const [tone, out] = [audio.createOscillator(), audio.createMediaStreamDestination()];
      tone.connect(out);
      tone.start();
      const peer = new RTCPeerConnection();
      for (const track of [...canvas.captureStream(15).getTracks(), ...out.stream.getTracks()]) {
        peer.addTransceiver(track, { direction: 'sendonly' });
      }
      Object.assign(window, { [name]: peer });
      await peer.setLocalDescription();
      return peer.localDescription?.sdp ?? '';
    }, name);
    const response = await post(authorization, offer);
    expect(response.status).toBe(201);
    await page.evaluate(
      ({ name, sdp }) => Reflect.get(window, name).setRemoteDescription({ type: 'answer', sdp }),
      { name, sdp: await response.text() },
    );
    return new URL(response.headers.get('location') ?? '', address).href;
  }

  it('lets nobody in without the right password, and tells nobody which paths there are', async () => {
    const answers = await Promise.all([
      post(undefined, 'v=0'),
      post('Bearer wrong', 'v=0'),
      post(`Basic ${Buffer.from('other:the-password').toString('base64')}`, 'v=0'),
      post('Bearer wrong', 'v=0', 'cam_none'),
    ]);
    expect(answers.map((answer) => answer.status)).toEqual([401, 401, 401, 401]);
  });

  it('brings pictures and sound to viewers; an encoder that connects anew takes over, on one time line', async () => {
    const hub = node.hub('cam_published');
    await publish('first', BASIC);
    await eventually('tracks', () => hub.currentTracks.length === 2);
    await using viewer = await WebrtcListener.open({
      url: node.url('cam_published'),
      token: 'viewer',
      audio: ['opus'],
    });
    await eventually('pictures and sound', () => viewer.video.length > 10 && viewer.audio.length > 10);
    const before = source.lastTicks ?? 0;
    const seen = viewer.video.length;
    const resource = await publish('second', `Bearer ${SOURCE.password}`);
    await eventually('more pictures', () => viewer.video.length > seen + 20);
    expect(whip.sessionCount).toBe(1);
    expect(source.lastTicks).toBeGreaterThan(before);
    expect(node.left).toHaveLength(0);

    const foreign = await fetch(resource, { method: 'DELETE', headers: { authorization: 'Bearer wrong' } });
    expect(foreign.status).toBe(404);
    const left = await fetch(resource, { method: 'DELETE', headers: { authorization: BASIC } });
    expect(left.status).toBe(200);
    expect(whip.sessionCount).toBe(0);
  });

  it('gets a key frame every two seconds, which browsers do not send by themselves', async () => {
    const again = new PublishSource({
      path: 'cam_keys',
      source: SOURCE,
      registry,
      clock: systemClock,
      firstTicks: undefined,
      onPlaying: () => undefined,
      onWaiting: () => undefined,
    });
    let keys = 0;
    again
      .run(
        {
          tracks: () => undefined,
          frame: (frame) => {
            if (frame.kind === 'video' && frame.key) keys += 1;
          },
        },
        stop.signal,
      )
      .catch(() => undefined);
    const offer = await page.evaluate(() => Reflect.get(window, 'second').localDescription.sdp);
    expect(offer).toContain('m=video');
    await publishTo('cam_keys');
    await eventually('three key frames', () => keys >= 3, { withinMs: 8000 });
  });

  async function publishTo(path: string): Promise<void> {
    const offer = await page.evaluate(async () => {
      const peer = new RTCPeerConnection();
      const [track] = Reflect.get(window, 'second')
        .getSenders()
        .map((sender: RTCRtpSender) => sender.track);
      peer.addTransceiver(track, { direction: 'sendonly' });
      Object.assign(window, { keys: peer });
      await peer.setLocalDescription();
      return peer.localDescription?.sdp ?? '';
    });
    const response = await post(BASIC, offer, path);
    const sdp = await response.text();
    await page.evaluate(
      (sdp) => Reflect.get(window, 'keys').setRemoteDescription({ type: 'answer', sdp }),
      sdp,
    );
  }
});
