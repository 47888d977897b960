// The whole system with MediaMTX under its node: dashboard and player as they are.
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Chromium } from '../support/chromium.ts';
import { Demo } from '../support/demo.ts';
import { mediaMtxBinary } from '../support/engine-node.ts';
import { eventually } from '../support/eventually.ts';
import { movingTiles, signIn } from '../support/wall-page.ts';
import { cameraNumber, counts } from '../support/watching.ts';

const program = await mediaMtxBinary();

describe.skipIf(program === undefined)(
  program === undefined ? 'a wall over MediaMTX (skipped: no MediaMTX)' : 'a wall over MediaMTX',
  () => {
    let demo: Demo;
    let chromium: Chromium;
    let page: Page;

    beforeAll(async () => {
      demo = await Demo.start({
        cameras: 4,
        flags: ['--engine=mediamtx', `--mediamtx-bin=${program}`],
      });
      chromium = await Chromium.launch({ width: 1440, height: 900 });
      page = await chromium.context.newPage();
    });
    afterAll(async () => {
      await chromium?.close();
      await demo?.close();
    });

    it('shows moving pictures by WebRTC, and pulls each camera once', async () => {
      await signIn(page, demo);
      await movingTiles(page, 4, 'webrtc', 15_000);
      for (const index of [1, 2, 3, 4]) {
        const { profiles } = await counts(demo, index);
        expect(profiles.main.maxPlaying + profiles.sub.maxPlaying).toBe(1);
      }
    });

    it('shows them by HLS where a browser has no WebRTC', async () => {
      const other = await chromium.context.newPage();
      await other.addInitScript('delete window.RTCPeerConnection');
      await page.close();
      await other.goto(`${demo.address}/`);
      await movingTiles(other, 4, 'hls', 30_000);
      await other.close();
    });

    it('leaves the cameras alone when the last window is closed', async () => {
      await eventually(
        'all cameras left alone',
        async () => {
          const all = await Promise.all([1, 2, 3, 4].map((index) => counts(demo, index)));
          return all.every(({ profiles }) => profiles.main.playing + profiles.sub.playing === 0);
        },
        { withinMs: 60_000 },
      );
      const camera = await cameraNumber(demo, 1);
      expect(camera.viewers).toBe(0);
    });
  },
);
