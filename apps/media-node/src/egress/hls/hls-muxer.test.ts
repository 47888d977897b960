import { parseFragments } from '@vedette/fmp4/testing';
import { describe, expect, it } from 'vitest';
import { HeldClock } from '../../../../../tests/support/held-clock.ts';
import { AUDIO, picture, sound, VIDEO, VIDEO_ONLY, WALL_START_MS } from './frames.fixture.ts';
import { HlsMuxer, type HlsMuxerOptions } from './hls-muxer.ts';
import type { RenderedPlaylist } from './rendered-playlist.ts';

const clock = new HeldClock(WALL_START_MS);

function muxer(options: Partial<HlsMuxerOptions> = {}): HlsMuxer {
  return new HlsMuxer({
    id: 'hls-cam_a',
    clock,
    path: 'cam_a',
    run: 'run1',
    secret: Buffer.alloc(32, 7),
    ...options,
  });
}

/** A muxer that has been given `count` pictures of a camera with a GOP of two seconds. */
function running(count: number, options: Partial<HlsMuxerOptions> = {}): HlsMuxer {
  const subject = muxer({ expectedGopMs: 2000, ...options });
  subject.tracks(VIDEO_ONLY);
  for (let n = 0; n < count; n += 1) subject.frame(picture(n));
  return subject;
}

const request = { delta: false, timeoutMs: 5000, owner: undefined };

function now(subject: HlsMuxer, delta = false): string {
  return (subject.playlist({ ...request, delta }) as RenderedPlaylist).plain.toString();
}

function wait(subject: HlsMuxer, sequence: number, part?: number): Promise<string> {
  const answer = subject.playlist({ ...request, position: { sequence, part } });
  return Promise.resolve(answer).then((rendered) => rendered.plain.toString());
}

/** Names as a player finds them. */
function names(playlist: string, tag: RegExp): string[] {
  return [...playlist.matchAll(tag)].map((match) => match[1]?.split('/').at(-1) ?? '');
}
const partNames = (playlist: string) => names(playlist, /#EXT-X-PART:.*URI="([^"]+)"/g);
const hintName = (playlist: string) =>
  names(playlist, /#EXT-X-PRELOAD-HINT:TYPE=PART,URI="([^"]+)"/g)[0] ?? '';
const segmentNames = (playlist: string) => names(playlist, /^([^#\n]+\.m4s)$/gm);
const first = (playlist: string) => Number(/MEDIA-SEQUENCE:(\d+)/.exec(playlist)?.[1]);

function bytes(subject: HlsMuxer, name: string): Buffer {
  const data = subject.media(name, 1000);
  if (!(data instanceof Buffer)) throw new Error(`${name} is not there`);
  return data;
}

describe('the playlist', () => {
  it('tells everything that a low-latency player needs, and nothing that changes while it lives', () => {
    const playlist = now(running(40));
    expect(playlist.split('\n').slice(0, 6)).toEqual([
      '#EXTM3U',
      '#EXT-X-VERSION:9',
      '#EXT-X-TARGETDURATION:2',
      '#EXT-X-INDEPENDENT-SEGMENTS',
      '#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK=0.6,HOLD-BACK=6,CAN-SKIP-UNTIL=12',
      '#EXT-X-PART-INF:PART-TARGET=0.2',
    ]);
    expect(playlist).toContain(`#EXT-X-PROGRAM-DATE-TIME:${new Date(WALL_START_MS).toISOString()}`);
    expect(playlist).toMatch(/#EXT-X-PRELOAD-HINT:TYPE=PART,URI="\.\.\/\.\.\/-\/cam_a\/run1\/p[^"]+"\n$/);
  });

  it('exists as soon as the first part does, with a finished segment that any player can begin with', () => {
    const subject = muxer();
    subject.tracks(VIDEO_ONLY);
    for (let n = 0; n < 3; n += 1) subject.frame(picture(n));
    const playlist = now(subject);
    expect(segmentNames(playlist)).toHaveLength(1);
    expect(playlist).toContain('#EXTINF:2,');
    const parts = partNames(playlist);
    expect(parts).toHaveLength(11);
    const [still] = parseFragments(bytes(subject, segmentNames(playlist)[0] ?? ''));
    expect(still?.tracks[0]).toMatchObject({
      decodeTicks: 8 * 90_000,
      samples: [{ key: true, durationTicks: 180_000 }],
    });
    const runs = parts.map((name) => parseFragments(bytes(subject, name))[0]?.tracks[0]);
    expect(runs.map((run) => run?.decodeTicks)).toEqual(parts.map((_, i) => 8 * 90_000 + i * 18_000));
    expect(runs.map((run) => run?.samples.length)).toEqual([...Array(10).fill(1), 3]);
    expect(new Set(runs.map((run) => run?.samples[0]?.data.toString('hex')))).toHaveLength(1);
  });

  it('says 10 s at first sight and the remembered GOP later', () => {
    expect(muxer().targetDurationSeconds).toBe(10);
    expect(muxer({ expectedGopMs: 2000 }).targetDurationSeconds).toBe(2);
    expect(muxer({ expectedGopMs: 2040 }).targetDurationSeconds).toBe(2);
    expect(muxer({ expectedGopMs: 400 }).targetDurationSeconds).toBe(2);
    expect(muxer({ expectedGopMs: 500 }).targetDurationSeconds).toBe(1);
  });

  it('marks exactly the parts that begin with a key frame as independent', () => {
    const subject = running(62, {});
    const playlist = now(subject);
    for (const line of playlist.split('\n').filter((text) => text.startsWith('#EXT-X-PART:'))) {
      const name = line.split('/').at(-1)?.split('"')[0] ?? '';
      const keyFirst = parseFragments(bytes(subject, name))[0]?.tracks[0]?.samples[0]?.key;
      expect(line.endsWith('INDEPENDENT=YES')).toBe(keyFirst);
    }
  });

  it('is rendered once for everybody', () => {
    const subject = running(40);
    expect(subject.playlist(request)).toBe(subject.playlist(request));
  });

  it('keeps a window of media, its sequence rises, and what has left can be fetched for a little longer', () => {
    const subject = running(3);
    const early = segmentNames(now(subject))[0] ?? '';
    for (let n = 3; n < 30 * 9; n += 1) subject.frame(picture(n));
    const playlist = now(subject);
    expect(segmentNames(playlist)).toHaveLength(7);
    expect(segmentNames(playlist)).not.toContain(early);
    expect(bytes(subject, early)).toBeInstanceOf(Buffer);
    for (let n = 30 * 9; n < 30 * 20; n += 1) subject.frame(picture(n));
    expect(first(now(subject))).toBe(first(playlist) + 11);
    expect(subject.media(early, 1000)).toBeUndefined();
  });

  it('lists parts of the last segments only', () => {
    const playlist = now(running(30 * 9 + 5));
    expect(partNames(playlist)).toHaveLength(10 + 10 + 1);
  });

  it('skips what lies beyond the boundary in a delta update, and only then', () => {
    expect(now(running(60), true)).toBe(now(running(60)));
    const subject = running(30 * 9 + 3);
    const delta = now(subject, true);
    expect(delta).toContain('#EXT-X-SKIP:SKIPPED-SEGMENTS=1\n');
    expect(segmentNames(delta)).toEqual(segmentNames(now(subject)).slice(1));
    expect(first(delta)).toBe(first(now(subject)));
  });

  it('bounds its memory, also when a single GOP would fill it', () => {
    const subject = muxer({ limitBytes: 400_000 });
    subject.tracks(VIDEO_ONLY);
    for (let n = 0; n < 600; n += 1) subject.frame(picture(n, { bytes: 5000, gop: 150 }));
    expect(subject.heldBytes).toBeLessThan(500_000);
    expect(segmentNames(now(subject)).length).toBeGreaterThan(0);
  });
});

describe('a blocking reload', () => {
  it('waits for its part and answers all viewers in one go with one buffer', async () => {
    const subject = running(30);
    const sequence = first(now(subject)) + 1;
    const answers = [1, 2, 3].map(() =>
      Promise.resolve(subject.playlist({ ...request, position: { sequence, part: 10 } })),
    );
    expect(subject.blockedRequests).toBe(3);
    for (let n = 30; n < 33; n += 1) subject.frame(picture(n));
    const [a, b, c] = await Promise.all(answers);
    expect(a).toBe(b);
    expect(b).toBe(c);
    expect(subject.blockedRequests).toBe(0);
  });

  it('takes a part past a finished segment as part 0 of the next', async () => {
    const subject = running(31);
    const sequence = first(now(subject)) + 1;
    const answer = wait(subject, sequence, 10);
    subject.frame(picture(31));
    expect(subject.blockedRequests).toBe(1);
    subject.frame(picture(32));
    expect(partNames(await answer)).toHaveLength(10 + 10 + 1);
  });

  it('waits for a whole segment when no part is named', async () => {
    const subject = running(20);
    const answer = wait(subject, first(now(subject)) + 1);
    for (let n = 20; n < 30; n += 1) subject.frame(picture(n));
    await Promise.resolve();
    expect(subject.blockedRequests).toBe(1);
    subject.frame(picture(30));
    expect(segmentNames(await answer)).toHaveLength(2);
  });

  it('is answered at once for what is past', async () => {
    const subject = running(70);
    expect(await wait(subject, first(now(subject)), 0)).toBe(now(subject));
    expect(await wait(subject, 3, 99)).toBe(now(subject));
  });

  it('is refused when it lies too far ahead', async () => {
    const subject = running(40);
    const last = first(now(subject)) + 2;
    const ask = (sequence: number, part?: number) => () =>
      subject.playlist({ ...request, position: { sequence, part } });
    expect(ask(last + 3, 0)).toThrow(expect.objectContaining({ code: 'invalid_request' }));
    expect(ask(last, 3 + 15)).toThrow(expect.objectContaining({ code: 'invalid_request' }));
    const held = expect(wait(subject, last, 3 + 14)).rejects.toMatchObject({ code: 'not_running' });
    subject.close('stream_dropped');
    await held;
  });

  it('is given up after its time, and when the stream ends', async () => {
    const subject = running(30);
    const sequence = first(now(subject)) + 1;
    const late = wait(subject, sequence, 10);
    const outcome = expect(late).rejects.toMatchObject({ code: 'unavailable', retryAfterSeconds: 1 });
    await clock.pass(6000);
    await outcome;
    const dropped = expect(wait(subject, sequence, 10)).rejects.toMatchObject({ code: 'not_running' });
    subject.close('stream_dropped');
    await dropped;
    await expect(wait(subject, sequence, 0)).rejects.toMatchObject({ code: 'not_running' });
  });

  it('waits for a cold camera, codecs before the first picture', async () => {
    const subject = muxer();
    const codecs = subject.facts(5000, undefined);
    const playlist = Promise.resolve(subject.playlist(request));
    subject.tracks(VIDEO_ONLY);
    expect(await codecs).toMatchObject({
      codecs: ['avc1.64001F'],
      resolution: { width: 1280, height: 720 },
    });
    for (let n = 0; n < 3; n += 1) subject.frame(picture(n));
    expect((await playlist).plain.toString()).toContain('#EXT-X-PART:');
    expect(await subject.facts(1, undefined)).toMatchObject({ frameRate: 15 });
  });
});

describe('media', () => {
  it('gives the hinted part when it comes, the same bytes as everybody gets later', async () => {
    const subject = running(30);
    const hint = hintName(now(subject));
    const waiting = subject.media(hint, 1000);
    expect(waiting).toBeInstanceOf(Promise);
    for (let n = 30; n < 33; n += 1) subject.frame(picture(n));
    expect(partNames(now(subject))).toContain(hint);
    expect(await waiting).toBe(bytes(subject, hint));
  });

  it('has names that nobody can guess', () => {
    const subject = running(40);
    const name = partNames(now(subject))[5] ?? '';
    const [stem = '', suffix = '', ending = ''] = name.split('.');
    expect(suffix).toMatch(/^[A-Za-z0-9_-]{16}$/);
    const other = [...suffix].reverse().join('');
    expect(subject.media(`${stem}.${other}.${ending}`, 1000)).toBeUndefined();
    expect(subject.media(`${stem}.${suffix.slice(1)}.${ending}`, 1000)).toBeUndefined();
    const foreign = running(40, { secret: Buffer.alloc(32, 8) });
    expect(foreign.media(name, 1000)).toBeUndefined();
    const hint = hintName(now(subject)).replace(/\.[^.]+\.m4s/, `.${suffix}.m4s`);
    expect(subject.media(hint, 1000)).toBeUndefined();
  });

  it('is the same as a segment and as its parts', () => {
    const subject = running(95);
    const playlist = now(subject);
    const inSegment = partNames(playlist).slice(0, 10);
    const whole = bytes(subject, segmentNames(playlist).at(-2) ?? '');
    expect(Buffer.concat(inSegment.map((name) => bytes(subject, name)))).toEqual(whole);
  });

  it('carries samples without parameter sets, decode times and sequence numbers rising', () => {
    const subject = running(62);
    const playlist = now(subject);
    const fragments = segmentNames(playlist).flatMap((name) => parseFragments(bytes(subject, name)));
    const samples = fragments.flatMap((one) => one.tracks[0]?.samples ?? []);
    expect(new Set(samples.map((one) => one.data.byteLength))).toEqual(new Set([40]));
    fragments.forEach((fragment, i) => {
      expect(fragment.sequence).toBe(10 + i);
      const before = fragments[i - 1]?.tracks[0];
      if (before === undefined) return;
      const lasts = before.samples.reduce((sum, one) => sum + one.durationTicks, 0);
      expect(fragment.tracks[0]?.decodeTicks).toBe(before.decodeTicks + lasts);
    });
  });

  it('carries audio beside video, on the same time line, none of it from before the first picture', () => {
    const subject = muxer({ expectedGopMs: 2000 });
    subject.tracks([AUDIO, VIDEO]);
    const frames = [
      ...Array.from({ length: 40 }, (_, n) => picture(n)),
      ...Array.from({ length: 140 }, (_, n) => sound(n - 10)),
    ].sort((a, b) => a.wallClockMs - b.wallClockMs);
    for (const frame of frames) subject.frame(frame);
    const playlist = now(subject);
    const parts = partNames(playlist).flatMap((name) => parseFragments(bytes(subject, name)));
    const runs = parts.flatMap((part) => part.tracks.filter((track) => track.id === 2));
    expect(runs[0]?.decodeTicks).toBe(10 * 48_000);
    expect(new Set(runs.flatMap((run) => run.samples.map((s) => s.durationTicks)))).toEqual(new Set([1024]));
    let end = 10 * 48_000;
    for (const run of runs) {
      expect(run.decodeTicks).toBe(end);
      end += run.samples.length * 1024;
    }
  });
});

describe('a source that starts anew', () => {
  it('goes on as a discontinuity with a new init segment; PART-TARGET and sequence go on', () => {
    const subject = running(40);
    const before = now(subject);
    subject.tracks([{ ...VIDEO, width: 640, height: 360 }]);
    const again = { fromTicks: 5_000_000, fromWallMs: WALL_START_MS + 10_000, fps: 25 };
    for (let n = 0; n < 30; n += 1) subject.frame(picture(n, again));
    const playlist = now(subject);
    expect(first(playlist)).toBe(first(before));
    expect(
      playlist.match(
        /#EXT-X-DISCONTINUITY\n#EXT-X-MAP:URI="[^"]+\/i2\.[^"]+\.mp4"\n#EXT-X-PROGRAM-DATE-TIME:2026-11-20T12:00:10/,
      ),
    ).not.toBeNull();
    expect(playlist).toContain('PART-TARGET=0.2\n');
    const maps = names(playlist, /#EXT-X-MAP:URI="([^"]+)"/g);
    expect(maps.map((name) => bytes(subject, name).byteLength > 500)).toEqual([true, true]);
    const parts = partNames(playlist).map((name) => parseFragments(bytes(subject, name))[0]?.tracks[0]);
    parts.forEach((part, i) => {
      if (i > 0) expect(part?.decodeTicks).toBeGreaterThan(parts[i - 1]?.decodeTicks ?? 0);
    });
  });

  it('counts discontinuities that have left the playlist', () => {
    const subject = running(40);
    const sequenceOf = (text: string) => Number(/DISCONTINUITY-SEQUENCE:(\d+)/.exec(text)?.[1]);
    const before = sequenceOf(now(subject));
    subject.tracks(VIDEO_ONLY);
    for (let n = 0; n < 60; n += 1) subject.frame(picture(n, { fromTicks: 900_000 }));
    expect(sequenceOf(now(subject))).toBe(before);
    for (let n = 60; n < 60 + 30 * 8; n += 1) subject.frame(picture(n, { fromTicks: 900_000 }));
    expect(now(subject)).not.toContain('#EXT-X-DISCONTINUITY\n');
    expect(sequenceOf(now(subject))).toBe(before + 1);
  });

  it('in another life of the muxer begins at a higher sequence and another discontinuity', async () => {
    const before = now(running(300));
    await clock.pass(20_000);
    const after = now(running(3));
    expect(first(after)).toBeGreaterThan(first(before) + segmentNames(before).length);
    expect(/DISCONTINUITY-SEQUENCE:\d+/.exec(after)?.[0]).not.toBe(
      /DISCONTINUITY-SEQUENCE:\d+/.exec(before)?.[0],
    );
  });
});
