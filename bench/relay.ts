// What it costs to hand streams on from one node to another, and what a line that is too thin does to it.
//   node bench/relay.ts [streams, 60 unless told]
// Two processes and a line between them on loopback; each stream has three subscribers at the far end.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { RelayIdentity } from '@vedette/contracts';
import { z } from 'zod';
import { TcpLine } from '../tests/support/tcp-line.ts';
import { makeClip } from './measure/bench-clip.ts';
import { cpuTicks, pause, percentile, residentMb } from './measure/process-cost.ts';

const NODE = fileURLToPath(new URL('measure/relay-node.ts', import.meta.url));
const WINDOW_MS = 10_000;
const TICK_MS = 10;
const THIN_BYTES_PER_SECOND = 100_000;
const THIN_MS = 40_000;

const Counts = z.object({
  frames: z.number(),
  bytes: z.number(),
  delaysMs: z.array(z.number()),
  sent: z.number(),
});

async function ask(child: ChildProcess, message: object): Promise<unknown> {
  const answer = once(child, 'message');
  child.send(message);
  return (await answer)[0];
}
const counts = async (child: ChildProcess) => Counts.parse(await ask(child, { counts: true }));

async function startNode(...args: string[]) {
  const child = fork(NODE, args, { execArgv: ['--disable-warning=ExperimentalWarning'] });
  const [said] = await once(child, 'message');
  return { child, pid: child.pid ?? 0, identity: RelayIdentity.parse(said) };
}

async function withPair<T>(
  clip: string,
  streams: number,
  bytesPerSecond: number | undefined,
  work: (giver: Awaited<ReturnType<typeof startNode>>, taker: typeof giver, line: TcpLine) => Promise<T>,
): Promise<T> {
  const giver = await startNode('giver', clip, String(streams));
  const taker = await startNode('taker', String(streams));
  await using line = await TcpLine.open({
    to: giver.identity.address?.port ?? 0,
    ...(bytesPerSecond === undefined ? {} : { bytesPerSecond }),
  });
  try {
    await ask(giver.child, { peer: taker.identity });
    const address = { host: '127.0.0.1', port: line.port };
    await ask(taker.child, { peer: { ...giver.identity, address } });
    await ask(giver.child, { run: true });
    await pause(3000);
    return await work(giver, taker, line);
  } finally {
    giver.child.kill();
    taker.child.kill();
  }
}

const row = (what: string, value: string) => console.log(`${what.padEnd(64)} ${value}`);
const ms = (value: number) => `${value.toFixed(1)} ms`;

async function wide(clip: string, streams: number): Promise<void> {
  await withPair(clip, streams, undefined, async (giver, taker, line) => {
    const fed = cpuTicks(giver.pid);
    await pause(WINDOW_MS);
    const feeding = cpuTicks(giver.pid) - fed;
    await ask(taker.child, { run: true });
    await pause(5000);
    await counts(taker.child);
    const before = await counts(giver.child);
    const ticks = { giver: cpuTicks(giver.pid), taker: cpuTicks(taker.pid) };
    await pause(WINDOW_MS);
    const used = {
      giver: cpuTicks(giver.pid) - ticks.giver - feeding,
      taker: cpuTicks(taker.pid) - ticks.taker,
    };
    const after = await counts(giver.child);
    const { bytes, delaysMs } = await counts(taker.child);
    const carried = line.carried.back;
    const media = after.bytes - before.bytes;
    const percent = (value: number) =>
      `${((value * TICK_MS * 100) / WINDOW_MS / streams).toFixed(3)} % of a core`;
    row(
      `${streams} streams: media each`,
      `${((media * 8) / (WINDOW_MS / 1000) / streams / 1e6).toFixed(2)} Mbit/s`,
    );
    row('CPU a stream, giving node', percent(used.giver));
    row('CPU a stream, taking node, its hub with three subscribers included', percent(used.taker));
    row(
      'capture to the far hub, p50 / p90 / p99',
      [0.5, 0.9, 0.99].map((share) => ms(percentile(delaysMs, share))).join(' / '),
    );
    row('bytes on the line to bytes of media, three viewers each', (carried / bytes).toFixed(3));
    row('connections', String(line.connections));
    row('resident, taking node', `${residentMb(taker.pid).toFixed(0)} MB`);
  });
}

async function thin(clip: string): Promise<void> {
  await withPair(clip, 1, THIN_BYTES_PER_SECOND, async (giver, taker) => {
    await ask(taker.child, { run: true });
    await pause(10_000);
    const from = {
      mb: residentMb(giver.pid),
      giver: await counts(giver.child),
      taker: await counts(taker.child),
    };
    let most = 0;
    for (let waited = 0; waited < THIN_MS; waited += 1000) {
      await pause(1000);
      most = Math.max(most, residentMb(giver.pid));
    }
    const to = { giver: await counts(giver.child), taker: await counts(taker.child) };
    const arrived = (to.taker.frames - from.taker.frames) / (to.giver.frames - from.giver.frames);
    row(
      `a line of ${THIN_BYTES_PER_SECOND / 1000} kB/s: frames that arrive`,
      `${(arrived * 100).toFixed(0)} %`,
    );
    row(
      'their age, p50 / p99',
      `${ms(percentile(to.taker.delaysMs, 0.5))} / ${ms(percentile(to.taker.delaysMs, 0.99))}`,
    );
    row(
      `resident, giving node, after 10 s and the most in ${THIN_MS / 1000} s`,
      `${from.mb.toFixed(0)} / ${most.toFixed(0)} MB`,
    );
  });
}

const folder = mkdtempSync(join(tmpdir(), 'vedette-relay-'));
try {
  const clip = makeClip(folder);
  await wide(clip, Number(process.argv[2] ?? 60));
  await thin(clip);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
