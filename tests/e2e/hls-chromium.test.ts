import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { silentLog, systemClock } from '@vedette/runtime';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { playClip, readClip } from '../../apps/media-node/src/egress/hls/clip.fixture.ts';
import { AudioRenditions } from '../../apps/media-node/src/ffmpeg/audio/audio-renditions.ts';
import { FfmpegJobs } from '../../apps/media-node/src/ffmpeg/ffmpeg-jobs.ts';
import { StreamHub } from '../../apps/media-node/src/hub/stream-hub.ts';
import { Chromium } from '../support/chromium.ts';
import { audioClip } from '../support/codec-clips.ts';
import { HlsNode, type HlsNodeOptions } from '../support/hls-node.ts';

const SUB_CLIP = fileURLToPath(new URL('../../fixtures/clips/gate-sub.h264', import.meta.url));
const HLS_JS = readFileSync(createRequire(import.meta.url).resolve('hls.js/dist/hls.min.js'), 'utf8');

/** Plays `?src=`; `window.report()` tells what a person would see. */
const PAGE = `<!doctype html><video muted playsinline width="640" height="360"></video>
<script src="/hls.js"></script>
<script>
  const video = document.querySelector('video');
  const errors = [];
  const query = new URLSearchParams(location.search);
  const hls = new Hls({
    lowLatencyMode: query.get('plain') === null,
    maxLiveSyncPlaybackRate: 1.2,
    liveSyncOnStallIncrease: 0.2,
    backBufferLength: 10,
  });
  let firstFrameMs = null;
  let frames = 0;
  const startMs = performance.now();
  video.requestVideoFrameCallback(function count() {
    firstFrameMs ??= performance.now() - startMs;
    frames += 1;
    video.requestVideoFrameCallback(count);
  });
  hls.on(Hls.Events.ERROR, (_, data) => errors.push(data.details + (data.fatal ? ' (fatal)' : '')));
  hls.on(Hls.Events.MANIFEST_PARSED, () => video.play());
  hls.loadSource(query.get('src'));
  hls.attachMedia(video);
  window.report = () => ({
    firstFrameMs,
    frames,
    behindMs: hls.playingDate === null ? null : Date.now() - hls.playingDate.getTime(),
    currentTime: video.currentTime,
    errors,
    level: hls.currentLevel,
    width: video.videoWidth,
    codec: hls.levels[0]?.codecs ?? hls.levels[0]?.attrs?.CODECS,
  });
  window.goTo = (width) => { hls.nextLevel = hls.levels.findIndex((level) => level.width === width); };
</script>`;

interface Report {
  readonly firstFrameMs: number | null;
  readonly frames: number;
  readonly behindMs: number | null;
  readonly currentTime: number;
  readonly errors: readonly string[];
  readonly codec: string | undefined;
  readonly level: number;
  readonly width: number;
}

let chromium: Chromium;

beforeAll(async () => {
  chromium = await Chromium.launch({ width: 700, height: 400 });
});
afterAll(() => chromium?.close());

function startNode(options: HlsNodeOptions = {}): Promise<HlsNode> {
  return HlsNode.start({
    ...options,
    extend: (app) => {
      app.get('/page', (_, reply) => reply.type('text/html').send(PAGE));
      app.get('/hls.js', (_, reply) => reply.type('text/javascript').send(HLS_JS));
    },
  });
}

async function open(node: HlsNode, query = ''): Promise<Page> {
  const page = await chromium.context.newPage();
  await page.goto(`${node.address}/page?src=${encodeURIComponent(node.playlistUrl())}${query}`);
  return page;
}

/** What was wrong with the stream; a busy machine alone may let the player stall for a moment. */
function wrong(settled: Report): string[] {
  return settled.errors.filter((error) => error !== 'bufferStalledError');
}

function report(page: Page): Promise<Report> {
  return page.evaluate('window.report()');
}

async function reportWhen(page: Page, expression: string, withinMs: number): Promise<Report> {
  await page.waitForFunction(`(() => { const r = window.report(); return ${expression}; })()`, undefined, {
    timeout: withinMs,
    polling: 100,
  });
  return report(page);
}

describe('hls.js in Chromium', () => {
  it('plays a cold camera in low-latency mode and stays less than 1.5 s behind it', async () => {
    await using node = await startNode();
    const page = await open(node);
    node.camera();
    const settled = await reportWhen(page, 'r.frames > 75 && r.behindMs < 1500', 20_000);
    const samples: number[] = [];
    for (let frames = settled.frames; samples.length < 5; frames += 15) {
      const now = await reportWhen(page, `r.frames >= ${frames + 15}`, 10_000);
      samples.push(now.behindMs ?? Number.POSITIVE_INFINITY);
    }
    expect(Math.max(...samples)).toBeLessThan(1500);
    expect(wrong(await report(page))).toEqual([]);
    expect(settled.codec).toBe('avc1.64001F');
    await page.close();
  });

  it('joins a running camera in the middle of a GOP with a picture at once', async () => {
    await using node = await startNode();
    node.camera();
    await expect.poll(() => node.hub.gop().frames.length, { timeout: 5000 }).toBeGreaterThan(12);
    const page = await open(node);
    const settled = await reportWhen(page, 'r.frames > 45', 20_000);
    expect(settled.firstFrameMs).toBeLessThan(1000);
    expect(settled.behindMs).toBeLessThan(1500);
    expect(wrong(settled)).toEqual([]);
    await page.close();
  });

  it('plays on, as near to live as before, after the source started anew', async () => {
    await using node = await startNode();
    node.camera();
    const page = await open(node);
    const before = await reportWhen(page, 'r.frames > 30', 20_000);
    node.camera();
    const after = await reportWhen(page, `r.frames > ${before.frames + 75} && r.behindMs < 1500`, 30_000);
    expect(after.errors.filter((error) => error.includes('fatal'))).toEqual([]);
    await page.close();
  });

  // From here on nothing is held to a time: two at once.
  it.concurrent('plays on after the stream was dropped and began another life under its name', async () => {
    await using node = await startNode();
    node.camera();
    const page = await open(node);
    const before = await reportWhen(page, 'r.frames > 45', 20_000);
    node.restart();
    const after = await reportWhen(page, `r.frames > ${before.frames + 75} && r.behindMs < 1500`, 30_000);
    expect(after.errors.filter((error) => error.includes('fatal'))).toEqual([]);
    await page.close();
  });

  it.concurrent('plays the same playlist with plain reloads', async () => {
    await using node = await startNode();
    node.camera();
    const page = await open(node, '&plain');
    const settled = await reportWhen(page, 'r.frames > 30', 30_000);
    expect(settled.errors.filter((error) => error.includes('fatal'))).toEqual([]);
    await page.close();
  });

  it.concurrent('goes over to a lesser rendition of the camera and back', async () => {
    const sub = new StreamHub();
    await using node = await startNode({ sub });
    node.camera();
    const clip = readClip(SUB_CLIP, 15);
    const stop = playClip(clip, sub);
    const page = await open(node);
    const main = await reportWhen(page, 'r.frames > 30', 20_000);
    expect(main.width).toBe(node.clip.track.width);
    await page.evaluate(`window.goTo(${clip.track.width})`);
    const small = await reportWhen(page, `r.width === ${clip.track.width}`, 20_000);
    await reportWhen(page, `r.frames > ${small.frames + 15}`, 20_000);
    expect(node.egress.viewers().map(({ path }) => path)).toEqual(['cam_gate_sub']);
    await page.evaluate(`window.goTo(${node.clip.track.width})`);
    const back = await reportWhen(page, `r.width === ${node.clip.track.width}`, 20_000);
    const settled = await reportWhen(page, `r.frames > ${back.frames + 15}`, 20_000);
    expect(settled.errors.filter((error) => error.includes('fatal'))).toEqual([]);
    stop();
    await page.close();
  });

  it.concurrent('plays a station in MP3, which Chromium takes in no MP4, in AAC', async () => {
    const jobs = new FfmpegJobs({ ffmpegPath: 'ffmpeg', limit: 2, clock: systemClock, log: silentLog() });
    const renditions = new AudioRenditions({
      jobs,
      clock: systemClock,
      random: Math.random,
      log: silentLog(),
    });
    await using node = await startNode({ renditions });
    const { track, frames } = await audioClip('mp3', 30);
    node.hub.tracks([track]);
    const startedMs = performance.now();
    let next = 0;
    const timer = setInterval(() => {
      for (; next * 24 < performance.now() - startedMs && next < frames.length; next += 1) {
        const frame = frames[next];
        if (frame !== undefined) node.hub.frame({ ...frame, wallClockMs: Date.now() });
      }
    }, 20);
    const page = await open(node);
    const later = await reportWhen(page, 'r.currentTime > 1.5', 20_000);
    expect(later.codec).toBe('mp4a.40.2');
    expect(wrong(later)).toEqual([]);
    clearInterval(timer);
    await page.close();
  });
});
