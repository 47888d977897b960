// The player in Chromium against the media node's real ways out; control is a stand-in that does as it is told.
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Chromium } from '../support/chromium.ts';
import { eventually } from '../support/eventually.ts';
import { buildPlayer } from '../support/player-bundle.ts';
import { PLAYER_PAGE } from '../support/player-page.ts';
import { Wall } from '../support/player-wall.ts';
import { CLIPS, PlayerWorld } from '../support/player-world.ts';

let bundle: ReadonlyMap<string, string>;
let chromium: Chromium;
let world: PlayerWorld;
let page: Page;
let wall: Wall;

beforeAll(async () => {
  [bundle, chromium] = await Promise.all([buildPlayer(), Chromium.launch()]);
});
afterAll(() => chromium?.close());
beforeEach(async () => {
  world = await PlayerWorld.start(bundle, PLAYER_PAGE);
  page = await chromium.context.newPage();
  wall = await Wall.open(page, world.address);
});
afterEach(async () => {
  expect(wall.errors).toEqual([]);
  await page.close();
  await world[Symbol.asyncDispose]();
});

describe('the first picture', () => {
  it('of a running camera is there at once, by WebRTC, start call included', async () => {
    world.run('gate');
    await eventually('a GOP to join', () => world.bufferedFrames('gate') > 8);
    const ms: number[] = [];
    for (let i = 0; i < 12; i += 1) {
      await wall.play('gate');
      const first = await wall.firstFrame('gate');
      expect(first).toMatchObject({ protocol: 'webrtc', profile: 'sub' });
      ms.push(Math.round(first.ms));
      await wall.close('gate');
    }
    ms.sort((a, b) => a - b);
    console.log('first pictures, ms:', ms.join(' '));
    // The target is 150 ms; twice that leaves room for a machine that does other things as well.
    expect(ms[6]).toBeLessThan(300);
  });

  it('tells policy what the browser can do and how large the tile is', async () => {
    world.run('gate');
    await wall.play('gate', { tiles: '4' });
    await wall.firstFrame('gate');
    const [start] = world.starts;
    expect(start?.request.capabilities).toMatchObject({ webrtc: true, hls: true, h264: true });
    expect(start?.request.tile).toMatchObject({ tiles: 4 });
    expect(start?.request.tile?.width).toBeGreaterThan(300);
    expect(start?.request.network).toBeUndefined();
    expect(start?.key).toMatch(/^[0-9a-f]{32}$/);
  });

  it('of nine cameras comes by WebRTC within 3 s', async () => {
    for (const clip of CLIPS) world.run(clip);
    const pictures = await wall.playAll(CLIPS);
    expect(new Set(pictures.map(({ protocol }) => protocol))).toEqual(new Set(['webrtc']));
    expect(Math.max(...pictures.map(({ ms }) => ms))).toBeLessThan(3000);
  });

  it('of a camera that is not sending yet comes with its first key frame', async () => {
    world.freeze('gate');
    await wall.play('gate');
    await wall.until('gate', ({ reason }) => reason === 'waiting_for_key_frame');
    world.run('gate');
    const first = await wall.firstFrame('gate');
    expect(first.protocol).toBe('webrtc');
  });
});

describe('HLS by wish', () => {
  it('plays within 1.5 s of the camera', async () => {
    world.run('gate');
    await wall.play('gate', { protocol: 'hls' });
    const first = await wall.firstFrame('gate');
    expect(first.protocol).toBe('hls');
    await eventually('latency under 1.5 s', async () => {
      const stats = await wall.stats('gate');
      return stats?.latencyMs != null && stats.latencyMs < 1500 && (stats.framesPerSecond ?? 0) > 4;
    });
  });

  it('goes on without a pause when its capability is replaced and the old one runs out', async () => {
    world.lifeMs = 10_000;
    world.run('gate');
    await wall.play('gate', { protocol: 'hls', profile: 'main' });
    await wall.firstFrame('gate');
    await eventually('a renewal', () => world.renewed.length > 0);
    world.expireTokens();
    const before = await wall.framesShown('gate');
    await eventually('thirty more pictures', async () => (await wall.framesShown('gate')) > before + 30);
    expect(world.starts).toHaveLength(1);
    expect((await wall.log('gate')).states.filter((state) => state.startsWith('reconnecting'))).toEqual([]);
  });
});

describe('main and sub', () => {
  it('change places without a black moment, and the old view ends', async () => {
    world.run('gate');
    await wall.play('gate');
    await wall.firstFrame('gate');
    await wall.watchForBlack('gate');
    await wall.set('gate', 'profile', 'main');
    await wall.until('gate', ({ profile }) => profile === 'main');
    expect((await wall.stats('gate'))?.width).toBe(1280);
    await eventually('the old view ended', () => world.stopped.includes('view1'));
    await wall.set('gate', 'profile', 'sub');
    await wall.until('gate', ({ profile }) => profile === 'sub');
    expect(await wall.blackMoments('gate')).toEqual([]);
    expect(world.openViews).toEqual(['view3']);
  });

  it('stay as they are when there is no room for the other, and the page is told why', async () => {
    world.run('gate');
    await wall.play('gate');
    await wall.firstFrame('gate');
    world.refusals.set('gate', 'no_node');
    await wall.set('gate', 'profile', 'main');
    const { switches } = await eventually('the news', async () => {
      const log = await wall.log('gate');
      return log.switches.length > 0 && log;
    });
    expect(switches[0]).toMatchObject({ profile: 'main', reason: 'no_node' });
    expect(await wall.status('gate')).toMatchObject({ state: 'live', profile: 'sub' });
  });
});

describe('the element in the page', () => {
  it('goes on when it is moved within the document, and lets go of everything when it is taken out', async () => {
    world.run('gate');
    await wall.play('gate');
    await wall.firstFrame('gate');
    await page.evaluate("document.querySelector('main').prepend(wall.tile('gate'))");
    const before = await wall.framesShown('gate');
    await eventually('more pictures', async () => (await wall.framesShown('gate')) > before + 8);
    expect(world.starts).toHaveLength(1);
    await wall.close('gate');
    await eventually('nobody watches', () => world.openViews.length === 0 && world.webrtcViewers === 0);
  });

  it('ends its view when the page goes away, and plays again when the page comes back', async () => {
    world.run('gate');
    await wall.play('gate');
    await wall.firstFrame('gate');
    await page.goto('about:blank');
    await eventually('the view ended', () => world.openViews.length === 0);
    await page.goBack();
    const restored = await page.evaluate("typeof wall === 'object' && wall.tile('gate') !== null");
    if (restored) await eventually('a new view', () => world.openViews.length === 1);
  });

  it('leaves nothing behind after many starts and stops', async () => {
    world.run('gate');
    await wall.play('gate');
    await wall.firstFrame('gate');
    await wall.close('gate');
    for (let i = 0; i < 30; i += 1) {
      await wall.play('gate', i % 3 === 0 ? { protocol: 'hls' } : {});
      if (i % 2 === 0) await wall.firstFrame('gate');
      await wall.close('gate');
    }
    await eventually('nobody watches', () => world.openViews.length === 0 && world.webrtcViewers === 0);
    await eventually(
      'every connection is closed',
      async () => (await page.evaluate('wall.openPeers()')) === 0,
    );
    expect(await page.evaluate("document.querySelectorAll('vedette-player').length")).toBe(0);
  });
});
