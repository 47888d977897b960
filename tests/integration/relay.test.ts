// A stream handed on from one node to another: the real connection, TLS and all, on loopback.
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { NodeId, type ReasonCode } from '@vedette/contracts';
import type { EncodedFrame } from '@vedette/media-types';
import { afterEach, describe, expect, it } from 'vitest';
import { AUDIO, audio, VIDEO, video } from '../../apps/media-node/src/hub/frames.fixture.ts';
import { makeNodeCertificate } from '../../apps/media-node/src/relay/node-certificate.ts';
import { RelayReader } from '../../apps/media-node/src/relay/relay-records.ts';
import { dialNode, RELAY_PROTOCOL } from '../../apps/media-node/src/relay/secure-link.ts';
import { ClipFeeder } from '../support/clip-feeder.ts';
import { eventually } from '../support/eventually.ts';
import { HeldClock } from '../support/held-clock.ts';
import { RelayPair, type RelayPairOptions, Taken } from '../support/relay-pair.ts';
import { TcpLine } from '../support/tcp-line.ts';

const CLIP = fileURLToPath(new URL('../../fixtures/clips/gate-main.h264', import.meta.url));

let pair: RelayPair;
const open = async (options: RelayPairOptions = {}) => {
  pair = await RelayPair.open(options);
  return pair;
};
/** Whatever kind of bytes. */
const plain = (frame: EncodedFrame) => ({ ...frame, data: Buffer.from(frame.data).toString('hex') });
afterEach(async () => {
  await pair[Symbol.asyncDispose]();
});

describe.each(['taker', 'giver'] as const)('[H2] a relay whose connection the %s opens', (opens) => {
  it('hands on every frame as it is, capture time and all, beginning with the current GOP', async () => {
    await open({ opens });
    const { hub } = pair.stream('cam_a');
    hub.tracks([VIDEO, AUDIO]);
    const sent = [video(0, true, 50_000), video(1), audio(1), video(2)];
    for (const frame of sent) hub.frame(frame);
    await using taken = new Taken(pair.source('cam_a'));
    await eventually('the GOP came', () => taken.frames.length === sent.length || taken.isOver);
    hub.frame(video(3, true));
    await eventually('and what follows', () => taken.frames.length === sent.length + 1 || taken.isOver);
    expect(taken.failure).toBeUndefined();
    expect(taken.trackCalls).toEqual([[VIDEO, AUDIO]]);
    expect(taken.frames.map(plain)).toEqual([...sent, video(3, true)].map(plain));
  });

  it('carries many streams over one connection', async () => {
    await open({ opens });
    const paths = Array.from({ length: 40 }, (_, i) => `cam_${i}`);
    const cameras = paths.map((path) => new ClipFeeder({ file: CLIP, fps: 15, sink: pair.stream(path).hub }));
    const taken = paths.map((path) => new Taken(pair.source(path)));
    await eventually('pictures of all', () => taken.every(({ frames }) => frames.length > 5));
    expect(taken.every(({ frames }) => frames[0]?.key)).toBe(true);
    expect(pair.out.takersOf('cam_7')).toBe(1);
    await Promise.all(taken.map((one) => one.stop()));
    for (const camera of cameras) camera[Symbol.dispose]();
    await eventually('nobody takes any more', () => paths.every((path) => pair.out.takersOf(path) === 0));
  });
});

describe('[H4] a relay that fares ill', () => {
  it('says so when the other node has dropped the stream, and when it is not there', async () => {
    await open();
    const { hub } = pair.stream('cam_a');
    hub.tracks([VIDEO]);
    hub.frame(video(0, true));
    await using taken = new Taken(pair.source('cam_a'));
    await eventually('a picture', () => taken.frames.length === 1);
    hub.close('stream_dropped');
    await taken.done;
    expect(taken.failure).toMatchObject({ name: 'SourceError', code: 'stream_dropped' });
    await using missing = new Taken(pair.source('cam_z'));
    await missing.done;
    expect(missing.failure).toMatchObject({ name: 'SourceError', code: 'source_not_found' });
  });

  it('ends when the other node loses its camera, and waits for it with the reason', async () => {
    await open();
    const stream = pair.stream('cam_a');
    stream.hub.tracks([VIDEO]);
    stream.hub.frame(video(0, true));
    await using taken = new Taken(pair.source('cam_a'));
    await eventually('a picture', () => taken.frames.length === 1);
    stream.reported = { health: 'reconnecting', reason: 'camera_stalled' };
    stream.hub.interrupted();
    pair.out.changed();
    await taken.done;
    expect(taken.failure).toMatchObject({ name: 'SourceError', code: 'reconnecting' });
    const reasons: ReasonCode[] = [];
    await using again = new Taken(
      pair.source('cam_a', taken.frames[0]?.dtsTicks, (why) => reasons.push(why)),
    );
    await eventually('it is told why', () => reasons.includes('camera_stalled'));
    stream.reported = { health: 'live', reason: 'live' };
    pair.out.changed();
    stream.hub.frame(video(1, true));
    await eventually('and goes on', () => again.frames.length === 1);
    expect(again.frames[0]?.dtsTicks).toBeGreaterThan(taken.frames[0]?.dtsTicks ?? Number.NaN);
  });

  it('lets one stream stand still without the others, and drops for it to a key frame', async () => {
    await open();
    const slow = pair.stream('cam_slow').hub;
    const quick = pair.stream('cam_quick').hub;
    for (const hub of [slow, quick]) hub.tracks([VIDEO]);
    const share = await pair.taker.take(NodeId.parse('node-a'), new AbortController().signal);
    const stuck = share.session.request('cam_slow');
    stuck.pause();
    await using taken = new Taken(pair.source('cam_quick'));
    await eventually(
      'both are taken',
      () => pair.out.takersOf('cam_slow') + pair.out.takersOf('cam_quick') === 2,
    );
    // 40 MB, of which nobody reads one.
    for (let n = 0; n < 400; n += 1) {
      slow.frame(video(n, n % 20 === 0, 100_000));
      quick.frame(video(n, n % 20 === 0, 1000));
      if (n % 20 === 19) await new Promise((resolve) => setImmediate(resolve));
    }
    await eventually('the other has all of its own', () => taken.frames.length === 400);
    const [sent] = pair.out.sent('cam_slow');
    expect(sent?.framesDropped).toBeGreaterThan(200);
    expect(sent?.bytesQueued).toBeLessThan(17_000_000);
    const frames: EncodedFrame[] = [];
    const reader = new RelayReader({
      tracks: () => undefined,
      state: () => undefined,
      end: () => undefined,
      frame: (frame) => frames.push(frame),
    });
    stuck.on('data', (chunk: Buffer) => reader.push(chunk));
    stuck.resume();
    await eventually('it goes on', () => frames.at(-1)?.dtsTicks === 399 * 6000);
    for (const [i, frame] of frames.entries()) {
      const before = frames[i - 1];
      if (before !== undefined && frame.dtsTicks !== before.dtsTicks + 6000) expect(frame.key).toBe(true);
    }
    stuck.close();
    share.release();
  });

  it('drops what has waited for longer than two seconds, the replay at the beginning ten, and goes on at a key frame', async () => {
    const clock = new HeldClock();
    await open({ waitingClock: clock });
    const { hub } = pair.stream('cam_a');
    hub.tracks([VIDEO]);
    const share = await pair.taker.take(NodeId.parse('node-a'), new AbortController().signal);
    const stuck = share.session.request('cam_a');
    stuck.pause();
    await eventually('it is asked for', () => pair.out.takersOf('cam_a') === 1);
    const dropped = () => pair.out.sent('cam_a')[0]?.framesDropped ?? 0;
    const frames: EncodedFrame[] = [];
    const reader = new RelayReader({
      tracks: () => undefined,
      state: () => undefined,
      end: () => undefined,
      frame: (frame) => frames.push(frame),
    });
    stuck.on('data', (chunk: Buffer) => reader.push(chunk));
    const big = (n: number, key = false) => hub.frame(video(n, key, 200_000));
    for (let n = 0; n < 10; n += 1) big(n, n === 0);
    await clock.pass(9900);
    big(10);
    expect(dropped()).toBe(0);
    await clock.pass(200);
    big(11);
    expect(dropped()).toBeGreaterThan(5);
    big(12, true);
    big(13);
    stuck.resume();
    await eventually('it has caught up', () => frames.at(-1)?.dtsTicks === 13 * 6000);
    expect(frames.at(-2)).toMatchObject({ key: true, dtsTicks: 12 * 6000 });
    stuck.pause();
    const before = dropped();
    for (let n = 14; n < 24; n += 1) big(n);
    await clock.pass(1900);
    big(24);
    expect(dropped()).toBe(before);
    await clock.pass(200);
    big(25);
    expect(dropped()).toBeGreaterThan(before + 5);
    stuck.close();
    share.release();
  });

  it('asks a connection that has just ended for nothing', async () => {
    await open();
    pair.stream('cam_a');
    const share = await pair.taker.take(NodeId.parse('node-a'), new AbortController().signal);
    share.session.close();
    expect(() => share.session.request('cam_a')).toThrow(
      expect.objectContaining({ name: 'VedetteError', code: 'relay_unreachable' }),
    );
    share.release();
  });

  it('comes back by itself when the giving node opens the connection and it breaks', async () => {
    let line: TcpLine | undefined;
    await open({
      opens: 'giver',
      through: async (to) => {
        line = await TcpLine.open({ to });
        return line.port;
      },
    });
    const { hub } = pair.stream('cam_a');
    hub.tracks([VIDEO]);
    hub.frame(video(0, true));
    await using taken = new Taken(pair.source('cam_a'));
    await eventually('a picture', () => taken.frames.length === 1);
    line?.cut();
    await taken.done;
    expect(taken.failure).toMatchObject({ code: 'relay_unreachable' });
    await using again = new Taken(pair.source('cam_a'));
    await eventually('a picture again', () => again.frames.length === 1);
    expect(line?.connections).toBe(2);
    await line?.[Symbol.asyncDispose]();
  });
});

describe('[H3] a node that nobody has named', () => {
  const stranger = makeNodeCertificate('node-x');

  it('gets nothing, whatever certificate it shows', async () => {
    await open();
    const address = pair.giver.identity.address ?? { host: '', port: 0 };
    const { sha256 } = pair.giver.identity;
    for (const protocol of Object.values(RELAY_PROTOCOL)) {
      const socket = await dialNode({
        ...{ address, sha256, protocol, certificate: stranger },
        signal: new AbortController().signal,
      });
      socket.on('error', () => undefined);
      let heard = 0;
      socket.on('data', (chunk: Buffer) => {
        heard += chunk.length;
      });
      await once(socket, 'close');
      expect(heard).toBe(0);
    }
  });

  it('is not taken for another at the same address', async () => {
    await open();
    const { address } = pair.giver.identity;
    pair.taker.peers.update([
      { nodeId: NodeId.parse('node-a'), sha256: stranger.sha256, ...(address && { address }), offer: false },
    ]);
    await using taken = new Taken(pair.source('cam_a'));
    await taken.done;
    expect(taken.failure).toMatchObject({ name: 'SourceError', code: 'relay_refused' });
    expect(pair.asked).toEqual([]);
  });

  it.each(['giver', 'taker'] as const)(
    'loses what it has when the %s is told that it is none of us',
    async (side) => {
      await open();
      const { hub } = pair.stream('cam_a');
      hub.tracks([VIDEO]);
      hub.frame(video(0, true));
      await using taken = new Taken(pair.source('cam_a'));
      await eventually('a picture', () => taken.frames.length === 1);
      pair[side].peers.update([]);
      await taken.done;
      expect(taken.failure).toMatchObject({ code: 'relay_unreachable' });
      await using again = new Taken(pair.source('cam_a'));
      await again.done;
      expect(again.failure).toMatchObject({ code: 'relay_refused' });
    },
  );
});
