// What players and caches demand of LL-HLS: media-quirks (d). HTTP/2 is in http2.test.ts.
import type { EncodedFrame, Track, VideoTrack } from '@vedette/media-types';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { picture, VIDEO, WALL_START_MS } from '../../apps/media-node/src/egress/hls/frames.fixture.ts';
import { HlsMuxer } from '../../apps/media-node/src/egress/hls/hls-muxer.ts';
import { CachingProxy } from '../support/caching-proxy.ts';
import { HeldClock } from '../support/held-clock.ts';
import { HLS_PATH, HlsNode } from '../support/hls-node.ts';
import { readMediaPlaylist } from '../support/hls-playlist.ts';
import { HlsValidator } from '../support/hls-validator.ts';
import '../support/property-seed.ts';

/** Looked at by a player after each frame. */
class WatchedMuxer {
  readonly muxer: HlsMuxer;
  readonly validator: HlsValidator;
  last = '';

  constructor(expectedGopMs?: number) {
    const clock = new HeldClock(WALL_START_MS);
    this.muxer = new HlsMuxer({
      id: 'm',
      clock,
      path: 'cam_a',
      run: 'r',
      secret: Buffer.alloc(32),
      expectedGopMs,
    });
    this.validator = new HlsValidator({
      media: (uri) => {
        const data = this.muxer.media(uri.split('/').at(-1) ?? '', 1);
        return data instanceof Buffer ? data : undefined;
      },
    });
  }

  tracks(tracks: readonly Track[]): void {
    this.muxer.tracks(tracks);
    this.#look();
  }

  frame(frame: EncodedFrame): void {
    this.muxer.frame(frame);
    this.#look();
  }

  #look(): void {
    if (!this.muxer.started) return;
    const read = (delta: boolean) => {
      const rendered = this.muxer.playlist({ delta, timeoutMs: 1, owner: undefined });
      return rendered instanceof Promise ? '' : rendered.plain.toString();
    };
    const text = read(false);
    if (text === this.last) return;
    this.last = text;
    this.validator.see(text, read(true));
  }
}

const stretch = fc.record({
  fps: fc.constantFrom(5, 10, 12.5, 15, 20, 25, 29.97, 30),
  gop: fc.integer({ min: 3, max: 90 }),
  frames: fc.integer({ min: 5, max: 150 }),
  jitterTicks: fc.constantFrom(0, 90, 900),
  lossEvery: fc.constantFrom(0, 7, 31),
});

test('TARGETDURATION, PART-TARGET and PART-HOLD-BACK stay for the life of a stream, and parts keep within 85 % of it, whatever the camera does', () => {
  fc.assert(
    fc.property(
      fc.option(fc.integer({ min: 300, max: 9000 }), { nil: undefined }),
      fc.array(stretch, { minLength: 1, maxLength: 3 }),
      (expectedGopMs, stretches) => {
        const watched = new WatchedMuxer(expectedGopMs);
        let ticks = 0;
        watched.tracks([VIDEO]);
        for (const [i, { fps, gop, frames, jitterTicks, lossEvery }] of stretches.entries()) {
          if (i > 0) watched.tracks([VIDEO]);
          for (let n = 0; n < frames; n += 1) {
            ticks += Math.round(90_000 / fps);
            if (lossEvery > 0 && n % lossEvery === lossEvery - 1 && n % gop !== 0) continue;
            const jitter = ((n * 7919) % (2 * jitterTicks + 1)) - jitterTicks;
            const at = ticks + 1000 + jitter;
            watched.frame({
              ...picture(n, { gop }),
              dtsTicks: at,
              ptsTicks: at,
              wallClockMs: WALL_START_MS + at / 90,
            });
          }
        }
        expect(watched.validator.problems.filter((problem) => !slowerCamera(problem, stretches))).toEqual([]);
      },
    ),
    { numRuns: 60 },
  );
});

/** PART-TARGET may rise once, when a frame of a slower camera would outlast it (part-cutter.ts). */
function slowerCamera(problem: string, stretches: readonly { readonly fps: number }[]): boolean {
  const rises = stretches.some(({ fps }, i) => i > 0 && fps < (stretches[0]?.fps ?? 0));
  return (
    rises && /PART-INF|SERVER-CONTROL/.test(problem) && problem.endsWith('changed while the stream lived')
  );
}

describe('a blocking reload', () => {
  async function watching() {
    const node = await HlsNode.start();
    node.hub.tracks([VIDEO]);
    for (let n = 0; n < 40; n += 1) node.hub.frame(picture(n));
    const url = node.playlistUrl().replace('index.m3u8', 'stream.m3u8');
    const read = async (query = '') => {
      const answer = await fetch(`${url}${query}`);
      return { status: answer.status, playlist: readMediaPlaylist(await answer.text()) };
    };
    const { playlist } = await read();
    const last = playlist.segments.at(-1);
    if (last === undefined) throw new Error('there is no segment');
    return { node, read, last, playlist };
  }

  test('waits for the part it names; one past a finished segment is part 0 of the next; what is past comes at once', async () => {
    const { node, read, last } = await watching();
    await using _ = node;
    const named = read(`?_HLS_msn=${last.sequence}&_HLS_part=${last.parts.length}`);
    await expect.poll(() => node.egress.load().blockedRequests).toBe(1);
    for (let n = 40; n < 46; n += 1) node.hub.frame(picture(n));
    expect((await named).playlist.segments.at(-1)?.parts.length).toBeGreaterThan(last.parts.length);
    const past = read(`?_HLS_msn=${last.sequence}&_HLS_part=99`);
    expect((await past).status).toBe(400);
    const finished = await read(`?_HLS_msn=${last.sequence - 1}&_HLS_part=99`);
    expect(finished.playlist.segments.at(-1)?.sequence).toBe(last.sequence);
    expect((await read(`?_HLS_msn=${last.sequence - 1}`)).status).toBe(200);
  });

  test('more than two segments ahead, or a part without a segment, is refused with 400', async () => {
    const { node, read, last } = await watching();
    await using _ = node;
    expect((await read(`?_HLS_msn=${last.sequence + 3}`)).status).toBe(400);
    expect((await read('?_HLS_part=1')).status).toBe(400);
  });

  test('is released when the stream ends', async () => {
    const { node, read, last } = await watching();
    await using _ = node;
    const held = read(`?_HLS_msn=${last.sequence + 1}`);
    await expect.poll(() => node.egress.load().blockedRequests).toBe(1);
    node.hub.close('stream_dropped');
    expect((await held).status).toBe(404);
  });
});

test('another SPS or a reconnect is a DISCONTINUITY with a MAP of its own, and MEDIA-SEQUENCE goes on rising', () => {
  const watched = new WatchedMuxer(2000);
  const other: VideoTrack = { ...VIDEO, width: 640, height: 360 };
  const turns = [VIDEO, VIDEO, other];
  const sequences: number[] = [];
  for (const [i, track] of turns.entries()) {
    watched.tracks([track]);
    const from = { fromTicks: 9_000_000 * (3 - i), fromWallMs: WALL_START_MS + i * 60_000 };
    for (let n = 0; n < 60; n += 1) watched.frame(picture(n, from));
    sequences.push(readMediaPlaylist(watched.last).segments.at(-1)?.sequence ?? 0);
  }
  const { segments } = readMediaPlaylist(watched.last);
  expect(segments.filter((segment) => segment.discontinuity)).toHaveLength(2);
  expect(new Set(segments.map((segment) => segment.map)).size).toBe(3);
  expect(sequences).toEqual(sequences.toSorted((a, b) => a - b));
  expect(new Set(sequences).size).toBe(3);
  expect(watched.validator.problems).toEqual([]);
});

test('a cache fetches media once for everybody, the hinted part included, and keeps neither playlist nor refusal', async () => {
  await using node = await HlsNode.start();
  await using cache = await CachingProxy.start(node.address);
  node.hub.tracks([VIDEO]);
  for (let n = 0; n < 40; n += 1) node.hub.frame(picture(n));
  const playlistUrl = (viewer: number) => `${cache.address}/hls/viewer${viewer}/${HLS_PATH}/stream.m3u8`;
  const listed = async (viewer: number) => {
    const answer = await fetch(playlistUrl(viewer));
    return { text: await answer.text(), caching: answer.headers.get('cache-control') };
  };
  const [first, second] = await Promise.all([listed(1), listed(2)]);
  expect(first.text).toBe(second.text);
  expect(first.caching).toBe('private, no-cache');

  const { segments, hints } = readMediaPlaylist(first.text);
  const absolute = (uri: string) => new URL(uri, playlistUrl(1)).href;
  const bytes = async (uri: string) => Buffer.from(await (await fetch(absolute(uri))).arrayBuffer());
  const hinted = [1, 2, 3].map(() => bytes(hints[0] ?? ''));
  await expect.poll(() => node.egress.load().blockedRequests).toBe(1);
  for (let n = 40; n < 46; n += 1) node.hub.frame(picture(n));
  const [a, b, c] = await Promise.all(hinted);
  expect(a?.equals(b ?? Buffer.alloc(0)) === true && a.equals(c ?? Buffer.alloc(0))).toBe(true);

  const media = [
    ...new Set(segments.flatMap((one) => [one.map, one.uri, ...one.parts.map((part) => part.uri)])),
  ];
  for (const uri of [...media, ...media]) if (uri !== undefined) await bytes(uri);
  const asked = [...cache.asked].filter(([path]) => path.startsWith('/hls/-/'));
  expect(asked.length).toBeGreaterThan(10);
  expect(new Set(asked.map(([, times]) => times))).toEqual(new Set([1]));

  await listed(1);
  expect(cache.asked.get(new URL(playlistUrl(1)).pathname)).toBe(2);
  const wrong = absolute(hints[0] ?? '').replace(/\.[\w-]{16}\./, '.AAAAAAAAAAAAAAAA.');
  expect((await fetch(wrong)).headers.get('cache-control')).toBe('no-store');
});
