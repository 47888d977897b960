import type { Mutator } from './mutator.ts';

/** One parser, or one object that keeps state between inputs. */
export interface FuzzSubject {
  /** The next input; what came before may matter. */
  next(random: Mutator): Uint8Array;
  /** Throws when the code under test broke a promise: that is a find. */
  feed(input: Uint8Array): void;
  /** For code that answers later: resolves once it has, throws as `feed` does. */
  settle?(): Promise<void>;
}

export interface FuzzTarget {
  readonly name: string;
  /** How many inputs one subject is given before a new one takes over. */
  readonly inputsPerSubject: number;
  open(random: Mutator): FuzzSubject;
}

/** A parser without state: `check` reads one input and throws on a broken promise. */
export function statelessTarget(options: {
  readonly name: string;
  readonly seeds: readonly Uint8Array[];
  readonly words?: readonly Uint8Array[];
  readonly check: (input: Uint8Array) => void;
}): FuzzTarget {
  const { name, seeds, words = [], check } = options;
  const empty = new Uint8Array();
  return {
    name,
    inputsPerSubject: 1000,
    open: () => ({
      next: (random) =>
        random.chance(2)
          ? random.bytes(random.below(300))
          : random.mutate(random.pick(seeds, empty), seeds, words),
      feed: check,
    }),
  };
}

/** What must hold, else a find. */
export function promise(holds: boolean, what: string): void {
  if (!holds) throw new BrokenPromise(what);
}

export class BrokenPromise extends Error {}
