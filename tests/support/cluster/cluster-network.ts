/** Where the parts of a cluster live: each at an address of its own, so that one can be cut off from another. */
export interface ClusterNetwork extends Disposable {
  /** Holds every address. */
  readonly cidr: string;
  /** The same place at each call with this name. */
  place(name: string): Place;
  /** Nothing passes between the two from now on, as when a cable is pulled: neither side is told. */
  cut(one: string, other: string): void;
  /** Ends every cut. */
  heal(): void;
}

export interface Place {
  readonly address: string;
  /** What stands before a command that is to run there. */
  readonly prefix: readonly string[];
}
