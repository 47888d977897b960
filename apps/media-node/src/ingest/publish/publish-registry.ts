import type { PublishVia } from '@vedette/contracts';
import type { FrameSink } from '@vedette/media-types';
import { type Clock, sameSecret } from '@vedette/runtime';

/** Who sends now. */
export interface ActivePublisher {
  /** Sends it away; may be repeated. */
  end(): void;
  /** Ticks of 90 kHz; undefined before the first frame. */
  readonly lastTicks: number | undefined;
  readonly packetsLost: number;
}

/** Where a publisher's media goes. */
export interface PublishLine {
  readonly sink: FrameSink;
  /** Where the time line of the run stands, ticks of 90 kHz; undefined when it begins. */
  readonly lastTicks: number | undefined;
  readonly onPublishing: () => void;
  readonly onEnded: () => void;
}

/** A path that waits for an encoder. */
export interface PublishPlace {
  readonly via: PublishVia;
  readonly username: string;
  readonly password: string;
  /** The newcomer takes over from whoever sends now: an encoder that reconnects is not kept out by its own ghost. */
  take(begin: (line: PublishLine) => ActivePublisher): void;
}

/** A stream that has just lost its publisher is there again within this. */
const PLACE_MS = 3000;
const LOOK_MS = 50;

/** The paths that wait for encoders on this node. */
export class PublishRegistry {
  readonly #places = new Map<string, PublishPlace>();
  readonly #clock: Clock;

  constructor(options: { readonly clock: Clock }) {
    this.#clock = options.clock;
  }

  /** The returned function takes it back. */
  expect(path: string, place: PublishPlace): () => void {
    this.#places.set(path, place);
    return () => {
      if (this.#places.get(path) === place) this.#places.delete(path);
    };
  }

  /** Undefined where nobody is expected by that way. */
  async find(path: string, via: PublishVia): Promise<PublishPlace | undefined> {
    const until = this.#clock.now() + PLACE_MS;
    for (;;) {
      const place = this.#places.get(path);
      if (place !== undefined) return place.via === via ? place : undefined;
      if (this.#clock.now() >= until) return undefined;
      await this.#clock.sleep(LOOK_MS);
    }
  }
}

/** In constant time. */
export function mayPublish(
  place: Pick<PublishPlace, 'username' | 'password'>,
  given: { readonly username: string; readonly password: string },
): boolean {
  const isName = sameSecret(given.username, place.username);
  return sameSecret(given.password, place.password) && isName;
}
