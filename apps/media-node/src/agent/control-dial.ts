import type { Clock } from '@vedette/runtime';
import type { WebSocket } from 'ws';

/** A try whose first packet was lost waits seconds for the system to repeat it; the next goes out meanwhile. */
const OVERLAP_MS = 400;
const AT_ONCE = 6;

interface ControlDialOptions {
  /** Begins one try; it must give up by itself. */
  readonly open: () => WebSocket;
  readonly onOpen: (socket: WebSocket) => void;
  /** No try is left. */
  readonly onFailed: (reason: string) => void;
  readonly clock: Pick<Clock, 'after'>;
}

/** Several overlapping tries to reach one address; the first that opens is taken, the others end. */
export class ControlDial {
  readonly #options: ControlDialOptions;
  readonly #tries = new Set<WebSocket>();
  #isOver = false;
  #cancel: () => void = () => undefined;

  constructor(options: ControlDialOptions) {
    this.#options = options;
    this.#try();
  }

  close(): void {
    this.#isOver = true;
    this.#cancel();
    for (const socket of this.#tries) socket.terminate();
  }

  #later(): void {
    this.#cancel = this.#options.clock.after(OVERLAP_MS, () => {
      if (this.#tries.size < AT_ONCE) this.#try();
      else this.#later();
    });
  }

  #try(): void {
    const { onFailed, onOpen, open } = this.#options;
    const socket = open();
    this.#tries.add(socket);
    let reason = 'the connection was closed';
    // Stays: a socket that was given up may still fail.
    socket.on('error', (error) => {
      reason = error.message;
    });
    socket.once('open', () => {
      this.#tries.delete(socket);
      if (this.#isOver) {
        socket.terminate();
        return;
      }
      this.close();
      onOpen(socket);
    });
    socket.once('close', () => {
      if (!this.#tries.delete(socket) || this.#isOver || this.#tries.size > 0) return;
      this.#isOver = true;
      this.#cancel();
      onFailed(reason);
    });
    this.#later();
  }
}
