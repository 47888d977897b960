import { randomBytes } from 'node:crypto';
import { MediaClaims, type ReasonCode } from '@vedette/contracts';
import { VedetteError } from '@vedette/runtime';
import { describe, expect, it } from 'vitest';
import { HeldClock } from '../../../../../tests/support/held-clock.ts';
import { StreamHub } from '../../hub/stream-hub.ts';
import { picture, VIDEO_ONLY, WALL_START_MS } from './frames.fixture.ts';
import { HlsEgress } from './hls-egress.ts';
import type { HlsViewer } from './hls-viewer.ts';

function setUp() {
  const clock = new HeldClock(WALL_START_MS);
  const hub = new StreamHub({ clock });
  const joined: HlsViewer[] = [];
  const left: [string, ReasonCode][] = [];
  const revoked = new Set<string>();
  const egress = new HlsEgress({
    clock,
    randomBytes,
    lookup: (path) => (path === 'cam_a' ? { hub, rememberedGopMs: 2000 } : undefined),
    authorize: async (capability, path) => {
      if (!/^v[0-9]+$/.test(capability)) throw new VedetteError('unauthenticated');
      if (revoked.has(capability)) throw new VedetteError('session_revoked');
      const paths = { main: path };
      return MediaClaims.parse({ sub: 'u1', sid: capability, cam: 'a', paths, protocols: ['hls'] });
    },
    onJoin: (viewer) => joined.push(viewer),
    onLeave: (viewer, reason) => left.push([viewer.claims.sid, reason]),
  });
  let next = 0;
  const film = (count: number) => {
    if (next === 0) hub.tracks(VIDEO_ONLY);
    for (const end = next + count; next < end; next += 1) hub.frame(picture(next));
  };
  const caller = (capability: string, path = 'cam_a') => ({ capability, path, clientAddress: '10.0.0.9' });
  const ask = async (capability: string, position?: { sequence: number; part: number }) => {
    const { playlist, viewer } = await egress.playlist(caller(capability), { position, delta: false });
    viewer.sent(playlist.plain.byteLength);
    return playlist.plain.toString();
  };
  return { clock, hub, egress, joined, left, revoked, film, caller, ask };
}

/** The position after the last one in a playlist whose last segment is open. */
function nextPosition(playlist: string): { sequence: number; part: number } {
  const lines = playlist.split('\n');
  const complete = lines.filter((line) => line.startsWith('#EXTINF')).length;
  const sequence = Number(/MEDIA-SEQUENCE:(\d+)/.exec(playlist)?.[1]) + complete;
  const lastSegment = lines.findLastIndex((line) => line.startsWith('#EXTINF'));
  const part = lines.slice(lastSegment).filter((line) => line.startsWith('#EXT-X-PART:')).length;
  return { sequence, part };
}

describe('the HLS way out', () => {
  it('has one muxer for a stream, begun by its first viewer with the GOP that is there', async () => {
    const { hub, egress, film, ask } = setUp();
    film(20);
    expect(hub.subscriberCount).toBe(0);
    const playlist = await ask('v1');
    expect(playlist.match(/#EXT-X-PART:/g)).toHaveLength(10 + 6);
    await ask('v2');
    expect(hub.subscriberCount).toBe(1);
    expect(egress.viewersOf('cam_a')).toBe(2);
    expect(egress.load()).toMatchObject({ muxers: 1, blockedRequests: 0 });
  });

  it('lets a view begin at its first playlist request and counts what it was sent', async () => {
    const { joined, film, ask, egress } = setUp();
    film(20);
    const playlist = await ask('v1');
    expect(joined).toHaveLength(1);
    const [viewer] = egress.viewers();
    expect(viewer).toMatchObject({ path: 'cam_a', clientAddress: '10.0.0.9', connectedAtMs: WALL_START_MS });
    expect(viewer?.stats()).toEqual({ bytesSent: playlist.length, framesSent: 0 });
    film(3);
    expect(viewer?.stats().framesSent).toBe(3);
    expect(viewer?.stats().bytesSent).toBeGreaterThan(playlist.length + 120);
  });

  it('counts a viewer as gone after three target durations of silence, then stops its muxer', async () => {
    const { clock, hub, egress, left, film, ask } = setUp();
    film(20);
    await ask('v1');
    await clock.pass(5900);
    expect(left).toEqual([]);
    await clock.pass(700);
    expect(left).toEqual([['v1', 'viewer_silent']]);
    expect(egress.load().muxers).toBe(0);
    expect(hub.subscriberCount).toBe(0);
  });

  it('does not take a viewer for silent whose request it holds itself', async () => {
    const { clock, left, film, ask } = setUp();
    film(20);
    const position = nextPosition(await ask('v1'));
    await clock.pass(4000);
    const held = ask('v1', position);
    await clock.pass(4000);
    expect(left).toEqual([]);
    film(3);
    await held;
  });

  it('holds only a few requests of one viewer, so that nobody takes the places of others', async () => {
    const { film, ask } = setUp();
    film(20);
    const position = nextPosition(await ask('v1'));
    const answers = Promise.allSettled(Array.from({ length: 10 }, () => ask('v1', position)));
    const other = ask('v2', position);
    await new Promise((resolve) => setImmediate(resolve));
    film(3);
    const refused = (await answers).filter((answer) => answer.status === 'rejected');
    expect(refused.map((answer) => answer.reason.code)).toEqual(['rate_limited', 'rate_limited']);
    await other;
  });

  it('ends a view on leaving, at once and as often as asked, and lets it come back', async () => {
    const { egress, left, film, caller, ask } = setUp();
    film(20);
    await ask('v1');
    await egress.leave(caller('v1'));
    await egress.leave(caller('v1'));
    await egress.leave(caller('v2'));
    expect(left).toEqual([['v1', 'viewer_left']]);
    await ask('v1');
    expect(egress.viewersOf('cam_a')).toBe(1);
  });

  it('answers the held requests of a revoked view at once, those of others go on waiting', async () => {
    const { egress, revoked, film, ask } = setUp();
    film(20);
    const position = nextPosition(await ask('v1'));
    const one = expect(ask('v1', position)).rejects.toMatchObject({ code: 'session_revoked' });
    const two = ask('v2', position);
    await Promise.resolve();
    await expect.poll(() => egress.load().blockedRequests).toBe(2);
    revoked.add('v1');
    egress
      .viewers()
      .find((viewer) => viewer.claims.sid === 'v1')
      ?.close('revoked');
    await one;
    await expect(ask('v1')).rejects.toMatchObject({ code: 'session_revoked' });
    film(3);
    expect(await two).toContain('#EXT-X-PART');
  });

  it('knows no stream that is not on this node, and tells nobody without a valid capability', async () => {
    const { egress, caller, ask } = setUp();
    await expect(egress.playlist(caller('v1', 'cam_b'), { delta: false })).rejects.toMatchObject({
      code: 'not_running',
    });
    await expect(ask('forged')).rejects.toMatchObject({ code: 'unauthenticated' });
    expect(egress.viewers()).toEqual([]);
  });

  it('gives up on a camera that sends no picture in time, and says when to ask again', async () => {
    const { clock, ask } = setUp();
    const outcome = expect(ask('v1')).rejects.toMatchObject({ code: 'unavailable', retryAfterSeconds: 1 });
    await clock.pass(11_000);
    await outcome;
  });

  it('ends every view and answers every held request when the stream is dropped', async () => {
    const { hub, egress, left, film, ask } = setUp();
    film(20);
    const position = nextPosition(await ask('v1'));
    const held = expect(ask('v1', position)).rejects.toMatchObject({ code: 'not_running' });
    await expect.poll(() => egress.load().blockedRequests).toBe(1);
    hub.close('stream_dropped');
    await held;
    expect(left).toEqual([['v1', 'stream_dropped']]);
    expect(egress.load().muxers).toBe(0);
  });

  it('takes nobody in after it was closed, and may be closed again', async () => {
    const { egress, left, film, ask } = setUp();
    film(20);
    await ask('v1');
    egress.close();
    egress.close();
    expect(left).toEqual([['v1', 'shutting_down']]);
    await expect(ask('v2')).rejects.toMatchObject({ code: 'not_running' });
  });

  it('starts another life under other names after the stream came back', async () => {
    const { clock, egress, film, ask } = setUp();
    film(20);
    const before = await ask('v1');
    await clock.pass(8000);
    const after = await ask('v1');
    const run = (playlist: string) => /-\/cam_a\/([0-9a-f]+)\//.exec(playlist)?.[1] ?? '';
    expect(run(after)).not.toBe(run(before));
    const old = /-\/cam_a\/[0-9a-f]+\/(p[^"]+)"/.exec(before)?.[1] ?? '';
    expect(egress.media('cam_a', run(before), old)).toBeUndefined();
  });
});
