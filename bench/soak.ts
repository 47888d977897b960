// Viewers of both protocols join and leave ten times a second: memory and descriptors of node and control, every minute.
// What is held on to shows as a rise between the third minute and the last.   node bench/soak.ts [--minutes 30]
import { readdirSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { StartAnswer } from '@vedette/contracts';
import { WhepViewer } from '../simulators/viewers/whep-viewer.ts';
import { Demo } from '../tests/support/demo.ts';
import { HlsClient } from './hls-client.ts';
import { pause, percentile, residentMb } from './measure/process-cost.ts';

const { values } = parseArgs({ options: { minutes: { type: 'string', default: '30' } } });
const MINUTES = Number(values.minutes);
const CAMERAS = 4;
const JOIN_EVERY_MS = 100;
const STAY_MS = 3000;
const SAMPLE_MS = 5000;
const WARM_MINUTES = 3;
const BEARABLE = 1.1;

interface Sample {
  readonly minute: number;
  readonly nodeMb: number;
  readonly controlMb: number;
  readonly nodeFiles: number;
  readonly controlFiles: number;
}

await using demo = await Demo.start({ cameras: CAMERAS });
const { items } = await demo.api<{ items: { id: string }[] }>('GET', '/cameras');
const pids = { node: demo.pidOf('node') ?? 0, control: demo.pidOf('control') ?? 0 };
const filesOf = (pid: number) => readdirSync(`/proc/${pid}/fd`).length;
const counts = { joined: 0, withPicture: 0, refused: 0 };
const refusals = new Map<string, number>();

async function visit(cameraId: string, protocol: 'webrtc' | 'hls'): Promise<void> {
  const answer = await demo.api<StartAnswer>('POST', `/streams/${cameraId}/start?protocol=${protocol}`, {});
  counts.joined += 1;
  if (protocol === 'webrtc') {
    const viewer = await WhepViewer.open(answer);
    await pause(STAY_MS);
    if (viewer.counts.frames > 0) counts.withPicture += 1;
    await viewer.close();
  } else {
    const client = new HlsClient(answer.url);
    const running = client.run();
    await pause(STAY_MS);
    if (client.counts.parts > 0) counts.withPicture += 1;
    client.stop();
    await running;
  }
  await demo.api('POST', `/streams/${cameraId}/stop`, { sessionId: answer.sessionId });
}

const startedAt = performance.now();
const endsAt = startedAt + MINUTES * 60_000;
const samples: Sample[] = [];
const sampling = setInterval(() => {
  samples.push({
    minute: (performance.now() - startedAt) / 60_000,
    nodeMb: residentMb(pids.node),
    controlMb: residentMb(pids.control),
    nodeFiles: filesOf(pids.node),
    controlFiles: filesOf(pids.control),
  });
}, SAMPLE_MS);

const underWay = new Set<Promise<void>>();
for (let visits = 0; performance.now() < endsAt; visits += 1) {
  const cameraId = items[visits % items.length]?.id ?? '';
  const visiting = visit(cameraId, visits % 4 === 3 ? 'hls' : 'webrtc')
    .catch((error: unknown) => {
      counts.refused += 1;
      const text = error instanceof Error ? error.message.slice(0, 120) : String(error);
      refusals.set(text, (refusals.get(text) ?? 0) + 1);
    })
    .finally(() => underWay.delete(visiting));
  underWay.add(visiting);
  await pause(startedAt + (visits + 1) * JOIN_EVERY_MS - performance.now());
}
await Promise.all(underWay);
clearInterval(sampling);

const between = (from: number, to: number, read: (sample: Sample) => number) =>
  percentile(samples.filter(({ minute }) => minute >= from && minute < to).map(read), 0.5);
console.log('| minute | node MB | control MB | node descriptors | control descriptors |');
console.log('| --- | --- | --- | --- | --- |');
for (let minute = 0; minute < MINUTES; minute += 1) {
  const row = [
    (s: Sample) => s.nodeMb,
    (s: Sample) => s.controlMb,
    (s: Sample) => s.nodeFiles,
    (s: Sample) => s.controlFiles,
  ].map((read) => between(minute, minute + 1, read).toFixed(0));
  console.log(`| ${minute + 1} | ${row.join(' | ')} |`);
}
const ratio =
  between(MINUTES - 1, MINUTES, ({ nodeMb }) => nodeMb) /
  between(WARM_MINUTES - 1, WARM_MINUTES, ({ nodeMb }) => nodeMb);
console.log(
  `\n${counts.joined} joins, ${counts.withPicture} with pictures, ${counts.refused} failed; ` +
    `node memory at the end ${ratio.toFixed(2)} times that of minute ${WARM_MINUTES} (at most ${BEARABLE})`,
);
for (const [text, times] of refusals) console.log(`${times} x ${text}`);
