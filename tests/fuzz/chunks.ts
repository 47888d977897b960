import type { Mutator } from './mutator.ts';

/** A byte stream without end, cut anywhere: most of it real, some of it bent, cut out or made up. */
export class Chunks {
  readonly #seeds: readonly Uint8Array[];
  readonly #words: readonly Uint8Array[];
  #trouble = 10;

  constructor(seeds: readonly Uint8Array[], words: readonly Uint8Array[] = []) {
    this.#seeds = seeds;
    this.#words = words;
  }

  next(random: Mutator): Uint8Array {
    if (random.below(300) === 0) this.#trouble = random.pick([0, 2, 10, 40, 90], 10);
    const parts: Uint8Array[] = [];
    for (let i = random.below(3); i >= 0; i -= 1) {
      const seed = random.pick(this.#seeds, new Uint8Array());
      if (!random.chance(this.#trouble)) parts.push(seed);
      else if (random.chance(20)) parts.push(random.bytes(random.below(400)));
      else parts.push(random.mutate(seed, this.#seeds, this.#words));
    }
    const whole = Buffer.concat(parts);
    return random.chance(30) ? whole.subarray(random.below(whole.length)) : whole;
  }
}
