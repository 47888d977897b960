import { describe, expect, test } from 'vitest';
import { fuzz } from '../fuzz/fuzz-loop.ts';
import { FUZZ_TARGETS } from '../fuzz/targets.ts';

const SEED = 20_261_120;

/** A taste of `node tests/fuzz/run.ts`: the same inputs each time, so that what fails fails again. */
describe('bytes of strangers do no harm', () => {
  test.each(FUZZ_TARGETS.map((target) => ({ name: target.name, target })))('$name', async ({ target }) => {
    const { finds, inputs } = await fuzz({ target, seed: SEED, maxInputs: 3000, maxMs: 300 });
    expect(finds.map((find) => find.what)).toEqual([]);
    expect(inputs).toBeGreaterThan(0);
  });
});
