import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Chromium } from '../support/chromium.ts';
import { Demo } from '../support/demo.ts';
import { eventually } from '../support/eventually.ts';
import { movingTiles, signIn } from '../support/wall-page.ts';
import { cameraNumber, leaveAloneAfter } from '../support/watching.ts';

const PICTURES = fileURLToPath(new URL('../../docs/images/', import.meta.url));
/** `KEEP_SCREENSHOTS=1 ./vedette test e2e` renews the pictures of the documentation. */
const KEEP_PICTURES = process.env['KEEP_SCREENSHOTS'] === '1';

async function keep(page: Page, name: string): Promise<void> {
  if (!KEEP_PICTURES) return;
  mkdirSync(PICTURES, { recursive: true });
  await page.screenshot({ path: `${PICTURES}${name}.png` });
}

describe('the wall', () => {
  let demo: Demo;
  let chromium: Chromium;
  let page: Page;

  beforeAll(async () => {
    demo = await Demo.start({ cameras: 9 });
    chromium = await Chromium.launch({ width: 1440, height: 900 });
    page = await chromium.context.newPage();
    await signIn(page, demo);
    // First visit: the wall fills itself; a view that is left before it began would be waited for.
    await movingTiles(page, 9, 'webrtc', 10_000);
  });
  afterAll(async () => {
    await chromium?.close();
    await demo?.close();
  });

  it('shows nine moving pictures by WebRTC within 3 s of being opened, all cameras cold', async () => {
    await page.goto(`${demo.address}/nodes`);
    await leaveAloneAfter(demo, 1);
    await eventually(
      'all cameras left alone',
      async () => (await demo.api<{ items: unknown[] }>('GET', '/streams')).items.length === 0,
      { withinMs: 25_000 },
    );
    await leaveAloneAfter(demo, 15);
    const startedAt = performance.now();
    await page.goto(`${demo.address}/`);
    await movingTiles(page, 9, 'webrtc', 3000);
    expect(performance.now() - startedAt).toBeLessThan(3000);
    await keep(page, 'wall');
  });

  it('goes to one camera in main and back to the grid by keyboard, and the tile is live throughout', async () => {
    const tile = page.getByTestId('tile-0');
    const cameraId = await tile.getAttribute('data-camera-id');
    await page.evaluate(() => {
      const seen = new Set<string>();
      const watched = document.querySelector('[data-testid="tile-0"]');
      const note = () => seen.add(watched?.getAttribute('data-state') ?? 'gone');
      note();
      new MutationObserver(note).observe(watched ?? document.body, { attributes: true });
      Reflect.set(window, 'seenStates', seen);
    });
    const watched = async (profile: 'main' | 'sub') => {
      const { items } = await demo.api<{ items: { cameraId: string; profile: string; viewers: number }[] }>(
        'GET',
        '/streams',
      );
      return items.some(
        (stream) => stream.cameraId === cameraId && stream.profile === profile && stream.viewers > 0,
      );
    };
    await tile.focus();
    await page.keyboard.press('Enter');
    await eventually('its main stream is watched', () => watched('main'));
    await eventually('its sub stream is not, any more', async () => !(await watched('sub')));
    await keep(page, 'focus');
    await page.keyboard.press('Escape');
    await eventually('its sub stream is watched again', () => watched('sub'));
    await movingTiles(page, 9, 'webrtc', 5000);
    expect(await page.evaluate(() => [...(Reflect.get(window, 'seenStates') as Set<string>)])).toEqual([
      'live',
    ]);
  });

  it('says in words why a tile is not live, within seconds, and is live again by itself', async () => {
    const camera = await cameraNumber(demo, 1);
    const tile = page.locator(`[data-testid^="tile-"][data-camera-id="${camera.id}"]`);
    await demo.simulator('POST', '/cameras/1/fault', { kind: 'freeze' });
    await eventually(
      'the frozen picture is not called live',
      async () => (await tile.getAttribute('data-state')) !== 'live',
      { withinMs: 4000 },
    );
    await keep(page, 'stalled');
    await demo.simulator('POST', '/cameras/1/fault', { kind: 'none' });
    await eventually('live again', async () => (await tile.getAttribute('data-state')) === 'live', {
      withinMs: 15_000,
    });
  });

  it('[V5] comes back by itself after its node was killed', async () => {
    const before = demo.pidOf('node') ?? 0;
    process.kill(before, 'SIGKILL');
    await eventually('a new process', () => {
      const now = demo.pidOf('node');
      return now !== undefined && now !== before;
    });
    await eventually(
      'pictures from it in all tiles',
      () => movingTiles(page, 9, 'webrtc', 2000).then(() => true),
      { withinMs: 20_000 },
    );
  });

  it('[V4] goes on without a gap while control is killed and comes back', async () => {
    process.kill(demo.pidOf('control') ?? 0, 'SIGKILL');
    await movingTiles(page, 9, 'webrtc', 1000);
    await eventually(
      'control is back',
      async () => (await fetch(`${demo.address}/readyz`).catch(() => undefined))?.ok,
      { withinMs: 30_000 },
    );
    await movingTiles(page, 9, 'webrtc', 1000);
  });

  it('lets the cameras alone once the page is closed', async () => {
    await leaveAloneAfter(demo, 1);
    await page.close();
    await eventually(
      'no stream is left',
      async () => (await demo.api<{ items: unknown[] }>('GET', '/streams')).items.length === 0,
      { withinMs: 25_000 },
    );
  });
});

describe('the wall where UDP is blocked', () => {
  it('shows nine moving pictures by HLS within 6 s of being opened', async () => {
    await using demo = await Demo.start({ cameras: 9 });
    await using chromium = await Chromium.launch({ udpBlocked: true });
    const page = await chromium.context.newPage();
    await signIn(page, demo);
    await movingTiles(page, 9, 'hls', 20_000);
    await page.goto(`${demo.address}/nodes`);
    await leaveAloneAfter(demo, 1);
    await eventually(
      'all cameras left alone',
      async () => (await demo.api<{ items: unknown[] }>('GET', '/streams')).items.length === 0,
      { withinMs: 45_000 },
    );
    await leaveAloneAfter(demo, 15);
    // What the page has learnt about the network must not help.
    await page.evaluate(() => sessionStorage.clear());
    const known = await page.evaluate(() => Object.keys(localStorage).filter((key) => /network/i.test(key)));
    expect(known).toEqual([]);
    const startedAt = performance.now();
    await page.goto(`${demo.address}/`);
    await movingTiles(page, 9, 'hls', 6000);
    expect(performance.now() - startedAt).toBeLessThan(6000);
  });
});
