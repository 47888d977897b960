// Runs one target in a thread of its own, so that an input that never ends can be noticed and named from outside.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { parentPort, workerData } from 'node:worker_threads';
import { type FuzzResult, fuzz } from './fuzz-loop.ts';
import { FUZZ_TARGETS } from './targets.ts';

export interface FuzzJob {
  readonly name: string;
  readonly seed: number;
  readonly subjectSeed?: number;
  readonly maxMs: number;
  /** Heartbeat: inputs so far, seed of the subject, number of the input, bytes of the input. */
  readonly beat: SharedArrayBuffer;
}

export interface FuzzReport {
  readonly result: FuzzResult;
  /** Heap and buffers after a collection: when warm, and at the end. */
  readonly warmBytes: number;
  readonly endBytes: number;
}

setFlagsFromString('--expose-gc');
const collect: unknown = runInNewContext('gc');

async function memory(): Promise<number> {
  // Buffers are let go some turns after the objects that held them.
  for (let i = 0; i < 4; i += 1) {
    if (typeof collect === 'function') collect();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

async function run(job: FuzzJob): Promise<FuzzReport> {
  const target = FUZZ_TARGETS.find((one) => one.name === job.name);
  if (target === undefined) throw new Error(`There is no target ${job.name}.`);
  const numbers = new Uint32Array(job.beat, 0, 4);
  const bytes = new Uint8Array(job.beat, 16);
  const onInput = (subjectSeed: number, inputNumber: number, input: Uint8Array) => {
    numbers[1] = subjectSeed;
    numbers[2] = inputNumber;
    numbers[3] = Math.min(input.length, bytes.length);
    bytes.set(input.subarray(0, bytes.length));
    numbers[0] = (numbers[0] ?? 0) + 1;
  };
  const { seed, subjectSeed } = job;
  const common = { target, onInput, maxInputs: Number.POSITIVE_INFINITY };
  if (subjectSeed !== undefined) {
    const result = await fuzz({ ...common, seed, subjectSeed, maxMs: job.maxMs });
    return { result, warmBytes: 0, endBytes: 0 };
  }
  const warm = await fuzz({ ...common, seed, maxMs: job.maxMs * 0.2 });
  const warmBytes = await memory();
  const rest = await fuzz({ ...common, seed: seed + 1, maxMs: job.maxMs * 0.8 });
  return {
    result: {
      inputs: warm.inputs + rest.inputs,
      finds: [...warm.finds, ...rest.finds],
      slowestMs: Math.max(warm.slowestMs, rest.slowestMs),
    },
    warmBytes,
    endBytes: await memory(),
  };
}

const isJob = (data: unknown): data is FuzzJob => typeof data === 'object' && data !== null && 'beat' in data;
if (isJob(workerData)) parentPort?.postMessage(await run(workerData));
