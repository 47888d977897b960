import { gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { buildPlayer, PLAYER_ENTRY } from '../support/player-bundle.ts';

const BUDGET_BYTES = 27_000;

it('the player stays small, and hls.js is no part of what every page loads', async () => {
  const files = await buildPlayer();
  const entry = files.get(PLAYER_ENTRY) ?? '';
  const size = gzipSync(entry, { level: 9 }).length;
  console.log('player, gzip bytes:', size);
  expect(size).toBeGreaterThan(5000);
  expect(size).toBeLessThan(BUDGET_BYTES);
  expect([...files.keys()].filter((name) => name.startsWith('hls'))).toHaveLength(1);
  expect(entry).not.toMatch(/zod|MEDIA_ATTACHING/i);
});
