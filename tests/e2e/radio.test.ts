// Sound in the player: of cameras beside their picture, and of radio stations that have none.
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Chromium } from '../support/chromium.ts';
import { eventually } from '../support/eventually.ts';
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

/** What is drawn of the sound, as one number of the pixels. */
const WAVE = `(() => {
  const canvas = wall.tile('radio').shadowRoot.querySelector('[part=wave]');
  if (canvas === null || canvas.width === 0) return { ink: 0, print: '' };
  const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  let ink = 0, print = 0;
  for (let i = 3; i < data.length; i += 4) { ink += data[i]; print = (print * 31 + data[i]) | 0; }
  return { ink: ink / data.length, print: String(print) };
})()`;

async function wave(): Promise<{ readonly ink: number; readonly print: string }> {
  return page.evaluate(WAVE);
}

describe('a radio station', () => {
  it('plays although it has no picture, muted, with a wave that moves and what is on', async () => {
    world.runRadio('radio', 'aac');
    await wall.play('radio');
    const first = await wall.firstFrame('radio');
    expect(first.protocol).toBe('hls');
    expect(await wall.status('radio')).toMatchObject({
      state: 'live',
      soundOnly: true,
      detour: 'no_common_codec',
      sentence: 'Live sound; this stream has no picture.',
    });
    await eventually('a wave', async () => (await wave()).ink > 2);
    const before = await wave();
    await eventually('another wave', async () => (await wave()).print !== before.print);
    await wall.serverEvent('radio', {
      type: 'camera.state',
      cameraId: 'radio',
      state: 'live',
      reason: 'live',
      detail: null,
      viewers: 1,
      audio: 'aac',
      nowPlaying: 'Nina Simone - Sinnerman',
    });
    expect(
      await page.evaluate(`wall.tile('radio').shadowRoot.querySelector('[part=now-playing]').textContent`),
    ).toBe('Nina Simone - Sinnerman');
    expect(await page.evaluate(`wall.tile('radio').sound`)).toMatchObject({ available: true, muted: true });
    await wall.set('radio', 'muted', false);
    await eventually('sound', () =>
      page.evaluate(`!wall.shown('radio').muted && !wall.shown('radio').paused`),
    );
    await wall.set('radio', 'muted', true);
    expect(await page.evaluate(`wall.shown('radio').muted`)).toBe(true);
    expect(await wall.stats('radio')).toMatchObject({ codec: null, audioCodec: 'aac', width: null });
  });
});
