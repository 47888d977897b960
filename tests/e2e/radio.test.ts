// Sound in the player: of cameras beside their picture, and of radio stations that have none.
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { SoundState } from '../../packages/player/src/index.ts';
import { Chromium } from '../support/chromium.ts';
import { eventually } from '../support/eventually.ts';
import { IcyStation } from '../support/icy-station.ts';
import { buildPlayer } from '../support/player-bundle.ts';
import { PLAYER_PAGE } from '../support/player-page.ts';
import { Wall } from '../support/player-wall.ts';
import { PlayerWorld } from '../support/player-world.ts';

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

function sound(name: string, on: Page = page): Promise<SoundState> {
  return on.evaluate(`wall.tile(${JSON.stringify(name)}).sound`);
}

/** WHEP offers of the page from now on. */
function offers(): { readonly count: number } {
  const asked = { count: 0 };
  page.on('request', (request) => {
    if (request.method() === 'POST' && request.url().includes('/whep/')) asked.count += 1;
  });
  return asked;
}

/** What is drawn of the sound, as one number of the pixels. */
const WAVE = `(() => {
  const canvas = wall.tile('radio').shadowRoot.querySelector('[part=wave]');
  if (canvas === null || canvas.width === 0) return { ink: 0, print: '' };
  const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  let ink = 0, print = 0;
  for (let i = 3; i < data.length; i += 4) { ink += data[i]; print = (print * 31 + data[i]) | 0; }
  return { ink: ink / data.length, print: String(print) };
})()`;

function wave(on: Page = page): Promise<{ readonly ink: number; readonly print: string }> {
  return on.evaluate(WAVE);
}

function isHeard(on: Page): Promise<boolean> {
  return on.evaluate(`!wall.shown('radio').muted && !wall.shown('radio').paused`);
}

describe('the sound of a camera', () => {
  it('comes when it is asked for, by WebRTC, without a black moment, and is muted and heard at once from then on', async () => {
    world.run('gate', ['main', 'sub'], 'pcmu');
    await wall.play('gate');
    await wall.firstFrame('gate');
    await wall.watchForBlack('gate');
    expect(await sound('gate')).toMatchObject({ available: false, muted: true });
    expect(await wall.stats('gate')).toMatchObject({ codec: 'h264', audioCodec: null });
    await wall.set('gate', 'muted', false);
    await eventually('sound', async () => (await sound('gate')).available);
    expect(await sound('gate')).toEqual({ available: true, muted: false, volume: 1, refused: false });
    await eventually('sound on its way', async () => (await wall.stats('gate'))?.audioCodec === 'pcmu');
    await eventually('the silent view over', () => world.openViews.length === 1);
    await wall.set('gate', 'volume', 0.5);
    expect(await page.evaluate(`wall.shown('gate').volume`)).toBe(0.5);
    const { length } = world.starts;
    await wall.set('gate', 'muted', true);
    await wall.set('gate', 'muted', false);
    expect(await page.evaluate(`wall.shown('gate').muted`)).toBe(false);
    expect(world.starts.length).toBe(length);
    expect(await wall.blackMoments('gate')).toEqual([]);
    const { states } = await wall.log('gate');
    expect(new Set(states.slice(states.indexOf('live:live')))).toEqual(new Set(['live:live']));
  });
});

describe('a browser that lets nothing be heard before a gesture', () => {
  it('leaves the tile playing and muted, and the page is told why; after a click it is heard and seen', async () => {
    await using strict = await Chromium.launch({ gestureForSound: true });
    const untouched = await strict.context.newPage();
    const told: string[] = [];
    untouched.on('console', (message) => told.push(message.text()));
    // Whatever a test evaluates in a page counts as a gesture, so this page does it by itself.
    await untouched.addInitScript(`addEventListener('load', () => {
      wall.open('radio');
      const tile = wall.tile('radio');
      tile.addEventListener('soundchange', ({ detail }) => console.log(JSON.stringify(detail)));
      tile.addEventListener('firstframe', () => { tile.muted = false; });
    })`);
    world.runRadio('radio', 'aac');
    await untouched.goto(world.address);
    const refused = { available: true, muted: true, volume: 1, refused: true };
    await eventually('a refusal', () => told.includes(JSON.stringify(refused)));
    expect(told.at(-1)).toBe(JSON.stringify(refused));
    await untouched.mouse.click(5, 5);
    await eventually('a wave', async () => (await wave(untouched)).ink > 2);
    expect(await untouched.evaluate(`wall.status('radio').state`)).toBe('live');
    await untouched.evaluate(`void (wall.tile('radio').muted = false)`);
    expect(await sound('radio', untouched)).toEqual({ ...refused, muted: false, refused: false });
    await eventually('sound', () => isHeard(untouched));
    expect(await isHeard(untouched)).toBe(true);
  });
});

describe('a radio station', () => {
  it('comes by WebRTC where sound is wanted from the beginning, and is live by what is heard', async () => {
    world.runRadio('radio', 'pcmu');
    await wall.play('radio', { audio: '' });
    expect((await wall.firstFrame('radio')).protocol).toBe('webrtc');
    expect(await wall.status('radio')).toMatchObject({ state: 'live', soundOnly: true, detour: null });
    await eventually('a wave', async () => (await wave()).ink > 2);
    world.freeze('radio');
    await wall.until('radio', ({ state }) => state === 'reconnecting', 5000);
    expect(await wall.status('radio')).toMatchObject({ sentence: 'No sound arrives any more.' });
    await eventually('the wave at rest', async () => (await wave()).ink < 2);
    world.runRadio('radio', 'pcmu');
    await wall.until('radio', ({ state }) => state === 'live');
  });

  it('plays although it has no picture, muted, with a wave that moves', async () => {
    world.runRadio('radio', 'aac');
    const asked = offers();
    await wall.play('radio');
    expect((await wall.firstFrame('radio')).protocol).toBe('hls');
    expect(await wall.status('radio')).toMatchObject({
      state: 'live',
      soundOnly: true,
      detour: 'no_common_codec',
      sentence: 'Live sound; this stream has no picture.',
    });
    await eventually('a wave', async () => (await wave()).ink > 2);
    const before = await wave();
    await eventually('another wave', async () => (await wave()).print !== before.print);
    expect(await sound('radio')).toMatchObject({ available: true, muted: true });
    await wall.set('radio', 'muted', false);
    await eventually('sound', () => isHeard(page));
    await wall.set('radio', 'muted', true);
    expect(await page.evaluate(`wall.shown('radio').muted`)).toBe(true);
    expect(await wall.stats('radio')).toMatchObject({ codec: null, audioCodec: 'aac', width: null });
    // What the node refused once is not asked for again by anybody on this page.
    expect(asked.count).toBe(1);
    await wall.close('radio');
    await wall.play('radio');
    await wall.firstFrame('radio');
    expect(asked.count).toBe(1);
  });

  it('in MP3, which Chromium takes over no HLS of this kind, comes by WebRTC, with what is on', async () => {
    await using station = await IcyStation.start('Nina Simone - Sinnerman');
    const titles: (string | null)[] = [];
    world.runStation('radio', station.url, (title) => titles.push(title));
    await eventually('the station', () => world.codecs('radio').includes('mp3'));
    await wall.play('radio');
    expect((await wall.firstFrame('radio')).protocol).toBe('webrtc');
    expect(await wall.status('radio')).toMatchObject({ state: 'live', soundOnly: true, detour: null });
    await eventually('a wave', async () => (await wave()).ink > 2);
    expect(await sound('radio')).toMatchObject({ available: true, muted: true });
    expect(await wall.stats('radio')).toMatchObject({ audioCodec: 'opus', codec: null });
    expect(titles.at(-1)).toBe('Nina Simone - Sinnerman');
    const state = { state: 'live', reason: 'live', detail: null, viewers: 1, audio: 'mp3' };
    const event = { type: 'camera.state', cameraId: 'radio', ...state, nowPlaying: titles.at(-1) };
    await wall.serverEvent('radio', event);
    expect(
      await page.evaluate(`wall.tile('radio').shadowRoot.querySelector('[part=now-playing]').textContent`),
    ).toBe('Nina Simone - Sinnerman');
    const asked = offers();
    await wall.close('radio');
    await wall.play('radio');
    expect((await wall.firstFrame('radio')).protocol).toBe('webrtc');
    // Sound is asked for at once this time.
    expect(asked.count).toBe(1);
    expect(world.stationErrors).toEqual([]);
  });
});
