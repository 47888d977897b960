import type { ClusterNetwork, Place } from './cluster-network.ts';

/** Addresses of 127.0.0.0/8, for everyone: no rights are needed, and nothing can be cut. */
export class LoopbackNetwork implements ClusterNetwork {
  readonly cidr = '127.0.0.0/8';
  readonly #net = `127.${random(1, 254)}.${random(0, 254)}`;
  readonly #places = new Map<string, Place>();

  place(name: string): Place {
    const known = this.#places.get(name);
    if (known !== undefined) return known;
    const place = { address: `${this.#net}.${this.#places.size + 1}`, prefix: [] };
    this.#places.set(name, place);
    return place;
  }

  cut(): never {
    throw new Error('addresses of loopback cannot be cut off; use network namespaces');
  }

  heal(): void {}

  [Symbol.dispose](): void {}
}

function random(from: number, to: number): number {
  return from + Math.floor(Math.random() * (to - from + 1));
}
