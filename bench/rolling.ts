// A rolling upgrade while viewers watch: each node is drained, stopped and started again, then each control process is
// stopped and started again; how long viewers were in the dark. As root, on Linux.   node bench/rolling.ts [--viewers 100]
// Exit code 1 when a viewer saw no picture for more than a second.
import { parseArgs } from 'node:util';
import { doublePulls } from '../tests/support/cluster/double-pulls.ts';
import { ClusterWorld } from '../tests/support/cluster-world.ts';
import { eventually } from '../tests/support/eventually.ts';
import { pause } from './measure/process-cost.ts';

const { values } = parseArgs({
  options: {
    controls: { type: 'string', default: '2' },
    nodes: { type: 'string', default: '3' },
    cameras: { type: 'string', default: '60' },
    viewers: { type: 'string', default: '100' },
    'no-redis': { type: 'boolean', default: false },
    'no-postgres': { type: 'boolean', default: false },
    'keep-logs': { type: 'boolean', default: false },
  },
});
const BLACK_MS = 1000;
const DRAINED_WITHIN_MS = 60_000;
const WELL_WITHIN_MS = 60_000;
const REST_MS = 3000;

const startedMs = Date.now();
await using world = await ClusterWorld.start({
  controls: Number(values.controls),
  nodes: Number(values.nodes),
  cameras: Number(values.cameras),
  postgres: !values['no-postgres'],
  redis: !values['no-redis'],
  network: 'namespaces',
});
// Also when something below throws.
world.keepLogs();
console.log(`logs of every process: ${world.logFolder}`);
await world.watch({ viewers: Number(values.viewers), programs: 2 });

async function renew(name: string, drained: () => Promise<void>) {
  const beganMs = Date.now();
  await drained();
  const drainedMs = Date.now();
  await world.part(name).stop();
  world.part(name).start();
  await world.well(WELL_WITHIN_MS);
  await pause(REST_MS);
  const gaps = world.crowd.gaps.filter(({ fromMs }) => fromMs >= beganMs - BLACK_MS);
  return {
    part: name,
    'drained after, s': ((drainedMs - beganMs) / 1000).toFixed(1),
    'pauses over 0.5 s': gaps.length,
    'longest, ms': Math.max(0, ...gaps.map(({ fromMs, toMs }) => toMs - fromMs)),
  };
}

async function drain(name: string): Promise<void> {
  await world.api('PUT', `/nodes/${name}/drain`);
  await eventually(
    `${name} has no stream`,
    async () => (await world.nodes()).find(({ id }) => id === name)?.streams === 0,
    { withinMs: DRAINED_WITHIN_MS, everyMs: 200 },
  );
}

const rows: Awaited<ReturnType<typeof renew>>[] = [];
for (const name of [...world.names('node'), ...world.names('control')]) {
  const row = await renew(name, async () => (name.startsWith('node') ? drain(name) : undefined));
  console.log(
    Object.entries(row)
      .map(([what, value]) => `${what} ${value}`)
      .join(' · '),
  );
  rows.push(row);
}
const longest = Math.max(0, ...rows.map((row) => row['longest, ms']));
const doubles = doublePulls(await world.pulls(startedMs), Date.now());
const doubleSeconds = doubles.reduce((sum, { fromMs, toMs }) => sum + (toMs - fromMs) / 1000, 0);
console.log(
  `${values.viewers} viewers, the longest pause ${longest} ms (at most ${BLACK_MS}); cameras pulled twice ` +
    `for ${doubleSeconds.toFixed(1)} s in all, by make-before-break`,
);
world.keepLogs(longest > BLACK_MS || values['keep-logs']);
process.exitCode = longest > BLACK_MS ? 1 : 0;
