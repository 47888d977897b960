// What the players of a page have learnt about UDP, so that the tenth tile does not repeat the nine before it.
// In: outcomes of WebRTC attempts. Out: a verdict, and leave for one player at a time to look again.
// Never decides a protocol by itself.
import type { IceServer } from '@vedette/contracts';

export interface NetworkMemoryOptions {
  readonly now: () => number;
  /** First pause before a blocked network is looked at again; doubles with every further failure. */
  readonly reprobeAfterMs?: number;
  readonly reprobeCapMs?: number;
}

const REPROBE_AFTER_MS = 60_000;
const REPROBE_CAP_MS = 600_000;

export class NetworkMemory {
  /** Of the latest start answer, so that the next offer need not wait for its own. */
  iceServers: readonly IceServer[] = [];
  readonly #now: () => number;
  readonly #firstMs: number;
  readonly #capMs: number;
  #open: boolean | undefined;
  #pauseMs: number;
  #probeAt = 0;

  constructor(options: NetworkMemoryOptions) {
    this.#now = options.now;
    this.#firstMs = options.reprobeAfterMs ?? REPROBE_AFTER_MS;
    this.#capMs = options.reprobeCapMs ?? REPROBE_CAP_MS;
    this.#pauseMs = this.#firstMs;
  }

  /** True: WebRTC has connected on this page. False: it could not. Undefined: nobody has tried. */
  get udp(): boolean | undefined {
    return this.#open;
  }

  /** ICE connected somewhere on this page. */
  connected(): void {
    this.#open = true;
    this.#pauseMs = this.#firstMs;
  }

  /** ICE found no way although the node answers over HTTP. What worked before needs a second such outcome. */
  unreachable(): void {
    if (this.#open === true) {
      this.#open = undefined;
      return;
    }
    if (this.#open === false && this.#now() < this.#probeAt) return;
    if (this.#open === false) this.#pauseMs = Math.min(this.#capMs, this.#pauseMs * 2);
    this.#open = false;
    this.#probeAt = this.#now() + this.#pauseMs;
  }

  /** True for the one caller that should try WebRTC although UDP counts as blocked. */
  takeProbe(): boolean {
    if (this.#open !== false || this.#now() < this.#probeAt) return false;
    this.#pauseMs = Math.min(this.#capMs, this.#pauseMs * 2);
    this.#probeAt = this.#now() + this.#pauseMs;
    return true;
  }

  /** Milliseconds until a probe is due; 0 when WebRTC is not known to be blocked. */
  get probeInMs(): number {
    return this.#open === false ? Math.max(0, this.#probeAt - this.#now()) : 0;
  }

  /** The machine changed networks: nothing is known any more. */
  forget(): void {
    this.#open = undefined;
    this.#pauseMs = this.#firstMs;
  }
}
