// The long run: `node tests/fuzz/run.ts --seconds 60`. Every target in turn, each in a thread, with its share of the
// time; a table of targets, inputs and finds at the end. Exit code 1 when something was found.
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import type { FuzzJob, FuzzReport } from './fuzz-worker.ts';
import { FUZZ_TARGETS } from './targets.ts';

const HELP = `Feeds every parser bent bytes.

  --seconds N         in all (default 60)
  --target TEXT       only targets whose name contains this
  --seed N            which inputs (default: the time)
  --subject-seed N    repeats one find, with --target
  --threads N         side by side (default 1)
`;
/** One input that takes longer never ends. */
const HANG_MS = 20_000;
const INPUT_ROOM = 128 * 1024;
const MAX_GROWTH_BYTES = 64 * 1024 * 1024;

interface Row {
  readonly target: string;
  readonly inputs: number;
  readonly slowestMs: number;
  readonly grownBytes: number;
  readonly finds: readonly string[];
}

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    target: { type: 'string', default: '' },
    seed: { type: 'string', default: String(Math.floor(Date.now() / 1000)) },
    'subject-seed': { type: 'string' },
    threads: { type: 'string', default: '1' },
    help: { type: 'boolean', default: false },
  },
});

function runTarget(name: string, maxMs: number): Promise<Row> {
  const beat = new SharedArrayBuffer(16 + INPUT_ROOM);
  const subjectSeed = values['subject-seed'];
  const job: FuzzJob = {
    name,
    seed: Number(values.seed),
    maxMs,
    beat,
    ...(subjectSeed === undefined ? {} : { subjectSeed: Number(subjectSeed) }),
  };
  const worker = new Worker(new URL('./fuzz-worker.ts', import.meta.url), { workerData: job });
  const numbers = new Uint32Array(beat, 0, 4);
  return new Promise((resolve) => {
    let seen = 0;
    let seenAtMs = performance.now();
    const finish = (row: Omit<Row, 'target'>) => {
      clearInterval(watch);
      void worker.terminate();
      resolve({ target: name, ...row });
    };
    const lastInput = () => {
      const bytes = Buffer.from(new Uint8Array(beat, 16, numbers[3] ?? 0)).toString('hex');
      return `--target "${name}" --subject-seed ${numbers[1]}, input ${numbers[2]}: ${bytes}`;
    };
    const failed = (what: string) =>
      finish({
        inputs: numbers[0] ?? 0,
        slowestMs: HANG_MS,
        grownBytes: 0,
        finds: [`${what} ${lastInput()}`],
      });
    const watch = setInterval(() => {
      const now = performance.now();
      if (numbers[0] !== seen) {
        seen = numbers[0] ?? 0;
        seenAtMs = now;
      } else if (seen > 0 && now - seenAtMs > HANG_MS) failed('never ends');
    }, 500);
    worker.once('error', (error) => failed(`the thread died of ${String(error)}`));
    worker.once('message', (report: FuzzReport) => {
      const grownBytes = report.endBytes - report.warmBytes;
      const finds = report.result.finds.map(
        (find) =>
          `--subject-seed ${find.subjectSeed}, input ${find.inputNumber}: ${find.what}\n${find.input}`,
      );
      if (grownBytes > MAX_GROWTH_BYTES) finds.push(`memory grew by ${grownBytes} bytes`);
      finish({ inputs: report.result.inputs, slowestMs: report.result.slowestMs, grownBytes, finds });
    });
  });
}

function table(rows: readonly Row[]): string {
  const lines = rows.map(
    (row) =>
      `| ${row.target} | ${row.inputs.toLocaleString('en')} | ${row.slowestMs.toFixed(1)} | ${(row.grownBytes / 2 ** 20).toFixed(1)} | ${row.finds.length} |`,
  );
  const inputs = rows.reduce((sum, row) => sum + row.inputs, 0).toLocaleString('en');
  const finds = rows.reduce((sum, row) => sum + row.finds.length, 0);
  return [
    '| target | inputs | slowest input, ms | memory grown, MiB | finds |',
    '| --- | ---: | ---: | ---: | ---: |',
    ...lines,
    `| all | ${inputs} | | | ${finds} |`,
  ].join('\n');
}

if (values.help) {
  process.stdout.write(HELP);
} else {
  const targets = FUZZ_TARGETS.filter((one) => one.name.includes(values.target));
  const threads = Math.max(1, Number(values.threads));
  const shareMs = (Number(values.seconds) * 1000 * threads) / Math.max(1, targets.length);
  const rows: Row[] = [];
  const waiting = [...targets];
  const lane = async () => {
    for (let target = waiting.shift(); target !== undefined; target = waiting.shift()) {
      const row = await runTarget(target.name, shareMs);
      rows.push(row);
      for (const find of row.finds.slice(0, 2)) process.stdout.write(`FIND in ${row.target}: ${find}\n\n`);
    }
  };
  await Promise.all(Array.from({ length: threads }, lane));
  process.stdout.write(`seed ${values.seed}\n\n${table(rows)}\n`);
  if (rows.some((row) => row.finds.length > 0)) process.exitCode = 1;
}
