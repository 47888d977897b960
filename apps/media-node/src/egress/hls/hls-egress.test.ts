import { randomBytes } from 'node:crypto';
import { MediaClaims, type ReasonCode } from '@vedette/contracts';
import type { Track, VideoTrack } from '@vedette/media-types';
import { VedetteError } from '@vedette/runtime';
import { describe, expect, it } from 'vitest';
import { HeldClock } from '../../../../../tests/support/held-clock.ts';
import { StreamHub } from '../../hub/stream-hub.ts';
import { AUDIO, picture, VIDEO, VIDEO_ONLY, WALL_START_MS } from './frames.fixture.ts';
import { HlsEgress } from './hls-egress.ts';
import type { HlsViewer } from './hls-viewer.ts';

function setUp() {
  const clock = new HeldClock(WALL_START_MS);
  const hub = new StreamHub({ clock });
  const joined: HlsViewer[] = [];
  const left: [string, ReasonCode][] = [];
  const revoked = new Set<string>();
  const runOut = new Set<string>();
  const egress = new HlsEgress({
    clock,
    randomBytes,
    lookup: (path) => (path === 'cam_a' ? { hub, rememberedGopMs: 2000 } : undefined),
    authorize: async (capability, path) => {
      if (!/^v[0-9]+$/.test(capability)) throw new VedetteError('unauthenticated');
      if (revoked.has(capability)) throw new VedetteError('session_revoked');
      if (runOut.has(capability)) throw new VedetteError('unauthenticated');
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
  return { clock, hub, egress, joined, left, revoked, runOut, film, caller, ask };
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

describe('a capability that runs out', () => {
  it('ends no view that goes on, and begins none', async () => {
    const { film, ask, revoked, runOut } = setUp();
    film(20);
    await ask('v1');
    runOut.add('v1').add('v2');
    await expect(ask('v1')).resolves.toContain('#EXT-X-PART');
    await expect(ask('v2')).rejects.toMatchObject({ code: 'unauthenticated' });
    revoked.add('v1');
    await expect(ask('v1')).rejects.toMatchObject({ code: 'session_revoked' });
  });
});

describe('renditions of one camera', () => {
  const AUDIO_TOO: readonly Track[] = [VIDEO, AUDIO];
  const small = (track: VideoTrack, width: number, height: number): VideoTrack => ({
    ...track,
    width,
    height,
  });

  function renditions(
    tracks: Readonly<Record<string, readonly Track[]>>,
    granted: Partial<MediaClaims['paths']>,
  ) {
    const clock = new HeldClock(WALL_START_MS);
    const hubs = new Map(Object.keys(tracks).map((path) => [path, new StreamHub({ clock })]));
    const woken: string[] = [];
    const left: [string, ReasonCode][] = [];
    const port = (path: string) => {
      const hub = hubs.get(path);
      return hub === undefined ? undefined : { hub, rememberedGopMs: 2000 };
    };
    const egress = new HlsEgress({
      clock,
      randomBytes,
      known: port,
      lookup: (path) => {
        woken.push(path);
        return port(path);
      },
      authorize: async (sid) =>
        MediaClaims.parse({ sub: 'u1', sid, cam: 'a', paths: granted, protocols: ['hls'] }),
      onLeave: (viewer, reason) => left.push([viewer.path, reason]),
    });
    for (const [path, told] of Object.entries(tracks)) {
      if (told.length > 0) hubs.get(path)?.tracks(told);
    }
    const film = (path: string, count: number) => {
      for (let n = 0; n < count; n += 1) hubs.get(path)?.frame(picture(n));
    };
    const caller = (path: string) => ({ capability: 'v1', path, clientAddress: '10.0.0.9' });
    return { egress, film, caller, woken, left };
  }

  const all = { main: 'cam_a', sub: 'cam_a_sub', lite: 'cam_a_lite' };

  it('stand in the multivariant playlist, the asked one first, none larger, none woken', async () => {
    const tracks = {
      cam_a: [VIDEO],
      cam_a_sub: [small(VIDEO, 640, 360)],
      cam_a_lite: [small(VIDEO, 854, 480)],
    };
    const { egress, caller, woken } = renditions(tracks, MediaClaims.shape.paths.parse(all));
    const text = await egress.multivariant(caller('cam_a'));
    expect(text.split('\n').filter((line) => !line.startsWith('#') && line !== '')).toEqual([
      'stream.m3u8',
      '../cam_a_sub/stream.m3u8',
      '../cam_a_lite/stream.m3u8',
    ]);
    expect(text.match(/BANDWIDTH=\d+,AVERAGE-BANDWIDTH=\d+,CODECS="avc1\.64001F",RESOLUTION=/g)).toHaveLength(
      3,
    );
    expect(woken).toEqual(['cam_a']);
    const fromSub = await egress.multivariant(caller('cam_a_sub'));
    expect(fromSub).not.toContain('../cam_a/');
    expect(fromSub).not.toContain('cam_a_lite');
  });

  it('are left out where they are not granted, never had a picture, or have other tracks', async () => {
    const tracks = { cam_a: [VIDEO], cam_a_sub: [], cam_a_lite: AUDIO_TOO };
    const { egress, caller } = renditions(tracks, MediaClaims.shape.paths.parse(all));
    expect(await egress.multivariant(caller('cam_a'))).not.toContain('../');
    const one = renditions(
      { cam_a: [VIDEO], cam_a_sub: [VIDEO] },
      MediaClaims.shape.paths.parse({ main: 'cam_a' }),
    );
    expect(await one.egress.multivariant(one.caller('cam_a'))).not.toContain('../');
  });

  it('include the same in AAC where the sound is MP3 and can be made, for Chromium takes none in MP4', async () => {
    const mp3: Track = { ...AUDIO, codec: 'mp3' };
    const made = new StreamHub();
    const hub = new StreamHub();
    hub.tracks([VIDEO, mp3]);
    const opened: string[] = [];
    const egress = new HlsEgress({
      clock: new HeldClock(WALL_START_MS),
      randomBytes,
      lookup: () => ({ hub }),
      authorize: async (sid, path) =>
        MediaClaims.parse({ sub: 'u1', sid, cam: 'a', paths: { main: path }, protocols: ['hls'] }),
      renditions: {
        open: (_source, codec) => {
          opened.push(codec);
          return { hub: made, reason: null, release: () => undefined };
        },
      },
    });
    const caller = { capability: 'v1', path: 'cam_a', clientAddress: '10.0.0.9' };
    const text = await egress.multivariant(caller);
    expect(text).toMatch(
      /CODECS="avc1\.64001F,mp4a\.6B".*\nstream\.m3u8\n.*CODECS="avc1\.64001F,mp4a\.40\.2".*\naac\.m3u8\n$/,
    );
    expect(opened).toEqual([]);
    const playlist = egress.playlist({ ...caller, inAac: true }, { position: undefined, delta: false });
    await expect.poll(() => opened).toEqual(['aac']);
    made.tracks([AUDIO]);
    for (let n = 0; n < 3; n += 1) {
      hub.frame(picture(n));
      made.frame({ ...picture(n), trackId: AUDIO.id, kind: 'audio', dtsTicks: n * 9600, key: true });
    }
    expect((await playlist).playlist.plain.toString()).toContain('#EXT-X-PART:');
    egress.close();
  });

  it('are one view: a player that goes over leaves the one and is told where the other stands', async () => {
    const tracks = { cam_a: [VIDEO], cam_a_sub: [small(VIDEO, 640, 360)] };
    const { egress, film, caller, left } = renditions(
      tracks,
      MediaClaims.shape.paths.parse({ main: 'cam_a', sub: 'cam_a_sub' }),
    );
    film('cam_a', 20);
    film('cam_a_sub', 20);
    const ask = async (path: string) =>
      (await egress.playlist(caller(path), { position: undefined, delta: false })).playlist.plain.toString();
    expect(await ask('cam_a')).not.toContain('RENDITION-REPORT');
    expect(await ask('cam_a_sub')).toMatch(
      /#EXT-X-PRELOAD-HINT:.*\n#EXT-X-RENDITION-REPORT:URI="\.\.\/cam_a\/stream\.m3u8",LAST-MSN=\d+,LAST-PART=5\n$/,
    );
    expect(left).toEqual([['cam_a', 'replaced']]);
    expect(egress.viewers().map(({ path }) => path)).toEqual(['cam_a_sub']);
    await egress.leave(caller('cam_a'));
    expect(egress.viewers()).toEqual([]);
  });
});
