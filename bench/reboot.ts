// All cameras of one node reboot in the same moment, one in ten of them watched: how they are dialled, as the cameras
// themselves saw it, and when each is back. About three minutes.   node bench/reboot.ts [--cameras 1000] [--down 30] [--sites 10]
import { parseArgs } from 'node:util';
import { DIAL_RATES } from '../apps/media-node/src/ingest/retry/pull-guards.ts';
import type { Pull } from '../simulators/index.ts';
import { eventually } from '../tests/support/eventually.ts';
import { PullingNode } from '../tests/support/pulling-node.ts';
import { startBenchCameras } from './measure/bench-cameras.ts';
import { percentile } from './measure/process-cost.ts';

const { values } = parseArgs({
  options: {
    cameras: { type: 'string', default: '1000' },
    down: { type: 'string', default: '30' },
    sites: { type: 'string', default: '10' },
  },
});
const count = Number(values.cameras);
const downSeconds = Number(values.down);
const sites = Number(values.sites);
const WATCHED_EVERY = 10;
const TINY = { size: '320x180', framesPerSecond: 2, kilobitsPerSecond: 30 };

/** The most that fall into any one second. */
function mostInASecond(timesMs: readonly number[]): number {
  const sorted = [...timesMs].sort((a, b) => a - b);
  let from = 0;
  let most = 0;
  for (const [i, at] of sorted.entries()) {
    while (at - (sorted[from] ?? at) >= 1000) from += 1;
    most = Math.max(most, i - from + 1);
  }
  return most;
}

await using bench = await startBenchCameras(count, TINY);
await using node = new PullingNode();
const pulls = bench.cameras.map((camera, i) =>
  node.pull(camera, {
    isWatched: i % WATCHED_EVERY === 0,
    ...(sites > 0 ? { site: `site-${i % sites}` } : {}),
  }),
);
const live = () => pulls.filter(({ supervisor }) => supervisor.state().health === 'live').length;
const seen = async (sinceMs: number) => {
  const answer = await fetch(`${bench.controlUrl}/pulls?sinceMs=${sinceMs}`);
  return ((await answer.json()) as { items: (Pull & { camera: number })[] }).items;
};
const cameras = async () => {
  const answer = await fetch(`${bench.controlUrl}/cameras`);
  const { items } = (await answer.json()) as {
    items: { fault: string; counts: { connectionsTotal: number } }[];
  };
  return items;
};
const connections = async () => (await cameras()).map(({ counts }) => counts.connectionsTotal);
const startedAtMs = Date.now();
await eventually('pictures of all', () => live() === count, { withinMs: 180_000, everyMs: 100 });
const startMs = Date.now() - startedAtMs;
const first = await seen(startedAtMs);
const connectedBefore = await connections();

await Promise.all(
  bench.cameras.map((_, i) =>
    fetch(`${bench.controlUrl}/cameras/${i + 1}/fault`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ kind: 'restart', downMs: downSeconds * 1000 }),
    }),
  ),
);
const downAtMs = Date.now();
const upAtMs = downAtMs + downSeconds * 1000;
await eventually('all are away', () => live() === 0, { withinMs: 20_000, everyMs: 50 });
/** Somebody else on this machine has taken their ports meanwhile: no camera of ours any more. */
const gone = async () => (await cameras()).filter(({ fault }) => fault === 'refuse').length;
await eventually('pictures of all again', async () => live() >= count - (await gone()), {
  withinMs: (downSeconds + 180) * 1000,
  everyMs: 250,
});
const again = (await seen(downAtMs)).filter(({ fromMs }) => fromMs > downAtMs);
const backMs = (isWatched: boolean) =>
  again
    .filter(({ camera }) => ((camera - 1) % WATCHED_EVERY === 0) === isWatched)
    .map(({ fromMs }) => fromMs - upAtMs);
const asked = (await connections()).map((total, i) => total - (connectedBefore[i] ?? 0));
const row = (what: string, value: number, unit = '') =>
  console.log(`| ${what} | ${Math.round(value)} ${unit} |`);
console.log(`\n| ${count} cameras at ${sites} sites, away for ${downSeconds} s | |\n| --- | --- |`);
row('all started at once: pictures of all after', startMs, 'ms');
row('most pulls in a second at the start', mostInASecond(first.map(({ fromMs }) => fromMs)));
row('after the reboot: pulls', again.length);
row('most pulls in a second', mostInASecond(again.map(({ fromMs }) => fromMs)));
row('allowed in a second', DIAL_RATES.again.burst + DIAL_RATES.again.perSecond);
row('watched cameras back, p50', percentile(backMs(true), 0.5), 'ms');
row('watched cameras back, p95', percentile(backMs(true), 0.95), 'ms');
row('other cameras back, p50', percentile(backMs(false), 0.5), 'ms');
row('all back', Math.max(...backMs(true), ...backMs(false)), 'ms');
row('cameras that lost their port', await gone());
row('most connections that one camera saw', Math.max(...asked));
