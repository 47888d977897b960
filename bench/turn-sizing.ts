// What coturn costs a relayed viewer: CPU and memory of the relay alone, with the shipped configuration, for 10, 50 and
// 100 viewers of one camera of 1 Mbit/s, by TURN over UDP and over TCP. Needs root (network namespaces).
// node bench/turn-sizing.ts [--viewers 10,50,100] [--seconds 10]
import { execFileSync } from 'node:child_process';
import { mkdtempDisposableSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { iceServersFor } from '@vedette/runtime';
import { eventually } from '../tests/support/eventually.ts';
import type { RelayedViewers } from '../tests/support/turn/relayed-viewers-program.ts';
import { TURN_SECRET, TurnWorld, type Viewers } from '../tests/support/turn/turn-world.ts';
import { cpuTicks, pause, residentMb } from './measure/process-cost.ts';

const { values } = parseArgs({
  options: {
    viewers: { type: 'string', default: '10,50,100' },
    seconds: { type: 'string', default: '10' },
  },
});
const seconds = Number(values.seconds);

using folder = mkdtempDisposableSync(join(tmpdir(), 'vedette-bench-'));
const clip = join(folder.path, 'camera.h264');
execFileSync('ffmpeg', [
  ...['-loglevel', 'error', '-f', 'lavfi', '-i', 'testsrc2=size=1280x720:rate=15', '-t', '12'],
  ...['-c:v', 'libx264', '-preset', 'veryfast', '-profile:v', 'baseline', '-g', '30', '-pix_fmt', 'yuv420p'],
  ...['-b:v', '1M', '-maxrate', '1M', '-bufsize', '1M', clip],
]);

async function measure(count: number, transport: 'udp' | 'tcp'): Promise<void> {
  await using world = await TurnWorld.start({ clip });
  const pid = world.relayPid;
  if (pid === undefined) throw new Error('no relay');
  const idleMb = residentMb(pid);
  const [server] = iceServersFor(
    { stun: [], turn: ['turn:x'], turnSecret: TURN_SECRET },
    'bench',
    Date.now(),
  );
  const { credential = '', username = '' } = server ?? {};
  await using viewers = world.viewers({ count, transport, port: 3478, username, credential });
  const most = Math.ceil(count * 0.95);
  await eventually(`${most} watch`, () => (viewers.now?.watching ?? 0) >= most, { withinMs: 30_000 });
  const before = { seen: told(viewers), ticks: cpuTicks(pid), atMs: performance.now() };
  await pause(seconds * 1000);
  const after = { seen: told(viewers), ticks: cpuTicks(pid), atMs: performance.now() };
  const span = (after.atMs - before.atMs) / 1000;
  const megabits = ((after.seen.bytes - before.seen.bytes) * 8) / 1e6 / span;
  // A tick is 10 ms: so many in a second are so many hundredths of a core.
  const percent = (after.ticks - before.ticks) / span;
  console.log(
    [
      `${transport} ${after.seen.watching} viewers: ${megabits.toFixed(1)} Mbit/s to viewers`,
      `${percent.toFixed(1)} % of a core (${(percent / megabits).toFixed(3)} % a Mbit/s)`,
      `resident ${residentMb(pid).toFixed(1)} MB (idle ${idleMb.toFixed(1)})`,
      `lost ${after.seen.lost - before.seen.lost}, errors ${after.seen.errors.length}`,
    ].join(', '),
  );
}

function told(viewers: Viewers): RelayedViewers {
  if (viewers.now === undefined) throw new Error('the viewers said nothing');
  return viewers.now;
}

for (const transport of ['udp', 'tcp'] as const) {
  for (const count of values.viewers.split(',').map(Number)) await measure(count, transport);
}
