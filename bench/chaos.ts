// A cluster in a box whose parts are killed, frozen and cut off, one after the other by chance, while viewers watch:
// how long they were in the dark, what was pulled twice, what was lost. As root, on Linux, with Debian's haproxy,
// nftables, redis-server and postgresql.   node bench/chaos.ts [--minutes 10] [--seed 1] [--parts node,control,...]
// Exit code 1 when a bound was broken; the logs of every process are kept then.
import { appendFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { doublePulls } from '../tests/support/cluster/double-pulls.ts';
import { ClusterWorld } from '../tests/support/cluster-world.ts';
import { BLOW_KINDS, type BlowKind, PARTS } from './chaos/blows.ts';
import { missingRecords } from './chaos/records-kept.ts';
import { seededRandom } from './chaos/seeded-random.ts';
import {
  type Blow,
  darkMs,
  describe,
  overcrowded,
  partitionsOf,
  rowOf,
  strayDoubles,
  tableOf,
} from './chaos/tally.ts';
import { pause } from './measure/process-cost.ts';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    seed: { type: 'string', default: '1' },
    parts: { type: 'string', default: PARTS.join(',') },
    /** Only kinds of blows whose name contains this. */
    only: { type: 'string', default: '' },
    controls: { type: 'string', default: '2' },
    nodes: { type: 'string', default: '3' },
    cameras: { type: 'string', default: '60' },
    viewers: { type: 'string', default: '100' },
    'no-redis': { type: 'boolean', default: false },
    'no-postgres': { type: 'boolean', default: false },
    'keep-logs': { type: 'boolean', default: false },
  },
});
/** A part is away for so long, evenly by chance. */
const AWAY_MS = { least: 500, most: 10_000 };
const WELL_WITHIN_MS = 30_000;
/** Between two blows: what follows from one is not counted as the next one's. */
const REST_MS = { least: 1000, most: 3000 };
/** Limits hold whatever happens: more viewers want one camera than may have it. */
const CONTEST = { viewers: 6, places: 3 };
const RECORDS_WITHIN_MS = 30_000;

const random = seededRandom(Number(values.seed));
const between = ({ least, most }: typeof AWAY_MS) => least + random() * (most - least);
const pick = <T>(list: readonly T[]): T | undefined => list[Math.floor(random() * list.length)];

const stop = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stop.abort());

const startedMs = Date.now();
await using world = await ClusterWorld.start({
  controls: Number(values.controls),
  nodes: Number(values.nodes),
  // One more, whose places are contested.
  cameras: Number(values.cameras) + 1,
  postgres: !values['no-postgres'],
  redis: !values['no-redis'],
  network: 'namespaces',
});
// Also when something below throws.
world.keepLogs();
const say = (text: string) => {
  const line = `${new Date().toISOString().slice(11, 23)} ${text}`;
  console.log(line);
  appendFileSync(`${world.logFolder}/chaos.log`, `${line}\n`);
};
await world.contest(CONTEST);
await world.watch({ viewers: Number(values.viewers), programs: 2 });
say(`${values.viewers} viewers of ${values.cameras} cameras have pictures; seed ${values.seed}`);

const parts = values.parts.split(',');
const kinds: BlowKind[] = [];
for (const kind of BLOW_KINDS) {
  if (!parts.includes(kind.part) || !kind.name.includes(values.only)) continue;
  if ((await kind.victims(world)).length > 0) kinds.push(kind);
}

async function deal(kind: BlowKind): Promise<Blow> {
  const victim = pick(await kind.victims(world)) ?? '';
  const awayMs = between(AWAY_MS);
  const struckMs = Date.now();
  await kind.strike(world, victim);
  await pause(awayMs);
  await kind.undo(world, victim);
  const undoneMs = Date.now();
  const wellMs = await world.well(WELL_WITHIN_MS).then(
    () => Date.now(),
    (error: unknown) => void say(`NOT WELL: ${String(error)}, dark: ${world.crowd.dark.join(' ')}`),
  );
  await pause(between(REST_MS));
  const blow: Blow = { kind, victim, struckMs, undoneMs, wellMs: wellMs ?? undefined, overMs: Date.now() };
  const dark = darkMs(blow, world.crowd.gaps);
  say(
    `${kind.name}: ${victim} for ${(awayMs / 1000).toFixed(1)} s; ${dark.length} viewers dark, ` +
      `${(Math.max(0, ...dark) / 1000).toFixed(1)} s at most; well after ${((wellMs ?? 0) - undoneMs) / 1000} s`,
  );
  return blow;
}

const blows: Blow[] = [];
const endsMs = Date.now() + Number(values.minutes) * 60_000;
while (Date.now() < endsMs && !stop.signal.aborted) {
  // Each kind in turn, in an order by chance, so that a short run has all of them too.
  for (const kind of shuffled(kinds)) {
    if (Date.now() >= endsMs || stop.signal.aborted) break;
    blows.push(await deal(kind));
  }
}

const doubles = doublePulls(await world.pulls(startedMs), Date.now());
const { gaps } = world.crowd;
const rows = kinds.flatMap(
  (kind) =>
    rowOf(
      blows.filter((blow) => blow.kind === kind),
      { gaps, doubles, partitions: partitionsOf(blows) },
    ) ?? [],
);
const broken = [
  ...rows.flatMap((row) => row.broken.map((text) => `${row.kind}: ${text}`)),
  ...strayDoubles(doubles, blows).map((double) => `after all was well: ${describe(double)}`),
  ...overcrowded(world.contenders.lit, CONTEST.places, partitionsOf(blows)),
  ...(await recordsLost()),
  ...world.diedByThemselves.map((text) => `died by itself: ${text}`),
];
say(`\n${tableOf(rows)}\n`);
for (const text of broken) say(`BROKEN ${text}`);
say(`${blows.length} blows, ${world.crowd.sessionIds.size} views, ${broken.length} bounds broken`);
const keep = broken.length > 0 || values['keep-logs'];
world.keepLogs(keep);
if (keep) console.log(`logs of every process: ${world.logFolder}`);
process.exitCode = broken.length > 0 ? 1 : 0;

/** Records may wait in a spool for a while; what is missing then is lost. */
async function recordsLost(): Promise<string[]> {
  const deadline = Date.now() + RECORDS_WITHIN_MS;
  for (;;) {
    const missing = await missingRecords(world).catch((error: unknown) => [
      `the audit cannot be read: ${error}`,
    ]);
    if (missing.length === 0 || Date.now() > deadline) return missing;
    await pause(1000);
  }
}

function shuffled<T>(list: readonly T[]): T[] {
  const rest = [...list];
  for (let i = rest.length - 1; i > 0; i -= 1) {
    const j = Math.floor(random() * (i + 1));
    const [a, b] = [rest[i], rest[j]];
    if (a !== undefined && b !== undefined) [rest[i], rest[j]] = [b, a];
  }
  return rest;
}
