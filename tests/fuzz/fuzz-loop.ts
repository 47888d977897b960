import type { FuzzTarget } from './fuzz-target.ts';
import { Mutator } from './mutator.ts';

export interface FuzzFind {
  readonly target: string;
  /** Repeats it: `node tests/fuzz/run.ts --target NAME --subject-seed SEED`. */
  readonly subjectSeed: number;
  readonly inputNumber: number;
  readonly what: string;
  /** The last input, the first 2000 bytes, hex. */
  readonly input: string;
}

export interface FuzzResult {
  readonly inputs: number;
  readonly finds: readonly FuzzFind[];
  readonly slowestMs: number;
}

export interface FuzzLoopOptions {
  readonly target: FuzzTarget;
  readonly seed: number;
  /** Exactly this one subject instead of subjects drawn from `seed`. */
  readonly subjectSeed?: number;
  readonly maxInputs: number;
  readonly maxMs: number;
  readonly maxFinds?: number;
  /** Told before each input, so that one that never ends can be named. */
  readonly onInput?: (subjectSeed: number, inputNumber: number, input: Uint8Array) => void;
}

/** An input may take this long even on a machine that others use too. */
const SLOW_MS = 400;

/** Another program may have had the processor: what is slow is slow each time. */
async function isSlowAgain(target: FuzzTarget, subjectSeed: number, inputNumber: number): Promise<boolean> {
  for (let attempt = 0; attempt < 3; attempt += 1) {
    const random = new Mutator(subjectSeed);
    const subject = target.open(random);
    let startedMs = performance.now();
    for (let n = 0; n <= inputNumber; n += 1) {
      const input = subject.next(random);
      startedMs = performance.now();
      subject.feed(input);
      await subject.settle?.();
    }
    if (performance.now() - startedMs < SLOW_MS) return false;
  }
  return true;
}

/** Runs one target until it has had enough inputs, or time, or finds. */
export async function fuzz(options: FuzzLoopOptions): Promise<FuzzResult> {
  const { target, maxInputs, maxMs, maxFinds = 5, onInput } = options;
  const seeds = new Mutator(options.seed);
  const until = performance.now() + maxMs;
  const finds: FuzzFind[] = [];
  let inputs = 0;
  let slowestMs = 0;
  let now = performance.now();
  while (inputs < maxInputs && now < until && finds.length < maxFinds) {
    const subjectSeed = options.subjectSeed ?? seeds.next();
    const random = new Mutator(subjectSeed);
    const subject = target.open(random);
    for (let n = 0; n < target.inputsPerSubject && inputs < maxInputs && now < until; n += 1) {
      const input = subject.next(random);
      onInput?.(subjectSeed, n, input);
      inputs += 1;
      const startedMs = performance.now();
      let what: string | undefined;
      try {
        subject.feed(input);
        if (subject.settle !== undefined) await subject.settle();
      } catch (error) {
        what = error instanceof Error ? (error.stack ?? error.message) : String(error);
      }
      now = performance.now();
      const tookMs = now - startedMs;
      slowestMs = Math.max(slowestMs, tookMs);
      if (what === undefined && tookMs > SLOW_MS && (await isSlowAgain(target, subjectSeed, n)))
        what = `took ${Math.round(tookMs)} ms, again and again`;
      if (what === undefined) continue;
      const hex = Buffer.from(input.subarray(0, 2000)).toString('hex');
      finds.push({ target: target.name, subjectSeed, inputNumber: n, what, input: hex });
      break;
    }
    if (options.subjectSeed !== undefined) break;
  }
  return { inputs, finds, slowestMs };
}
