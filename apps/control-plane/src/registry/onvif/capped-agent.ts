import { Agent } from 'node:http';

const LOOK_MS = 50;

/**
 * HTTP connections to one camera that are cut when they bring more than `maxBytes`: the ONVIF library
 * gathers an answer of any length. Dispose of it when the camera has been read.
 */
export class CappedAgent extends Agent implements Disposable {
  readonly #looking: NodeJS.Timeout;

  constructor(options: { maxBytes: number }) {
    super({ keepAlive: true, maxSockets: 2 });
    this.#looking = setInterval(() => {
      for (const socket of Object.values(this.sockets).flat()) {
        if ((socket?.bytesRead ?? 0) > options.maxBytes) socket?.destroy(new Error('the answer is too long'));
      }
    }, LOOK_MS);
    this.#looking.unref();
  }

  [Symbol.dispose](): void {
    clearInterval(this.#looking);
    this.destroy();
  }
}
