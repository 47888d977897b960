// The page's end of the live events: joins the shared worker, or holds a line of its own where there is none.
import type { LiveEvent } from '@vedette/contracts';
import { EventLink, type LinkMessage, type LinkStatus } from '@vedette/player/event-link';
import type { PageMessage } from './event-worker.ts';

interface Line {
  say(message: PageMessage): void;
}

export interface LiveEventsOptions {
  /** Throws where the browser has no shared workers. */
  readonly openWorker: () => SharedWorker;
  /** Control refused the line; most often the sign-in has run out. */
  readonly onRefused: () => void;
}

export class LiveEvents {
  readonly #line: Line;
  readonly #options: LiveEventsOptions;
  readonly #eventListeners = new Set<(event: LiveEvent) => void>();
  readonly #statusListeners = new Set<() => void>();
  #status: LinkStatus = 'closed';
  /** How often the line came up; each time after the first, what was missed must be fetched. */
  #connections = 0;

  constructor(options: LiveEventsOptions) {
    this.#options = options;
    const receive = (message: LinkMessage) => this.#receive(message);
    this.#line = joinWorker(options.openWorker, receive) ?? ownLine(receive);
  }

  get status(): LinkStatus {
    return this.#status;
  }

  get connections(): number {
    return this.#connections;
  }

  connect(): void {
    this.#line.say('connect');
  }

  disconnect(): void {
    this.#line.say('disconnect');
  }

  /** The page goes away, perhaps into the back-forward cache; `connect` joins again. */
  leave(): void {
    this.#line.say('leave');
  }

  onEvent(listener: (event: LiveEvent) => void): () => void {
    this.#eventListeners.add(listener);
    return () => this.#eventListeners.delete(listener);
  }

  onStatus(listener: () => void): () => void {
    this.#statusListeners.add(listener);
    return () => this.#statusListeners.delete(listener);
  }

  #receive(message: LinkMessage): void {
    if (message.kind === 'event') {
      for (const listener of this.#eventListeners) listener(message.event);
      return;
    }
    const changed = message.status !== this.#status;
    if (changed && message.status === 'connected') this.#connections += 1;
    this.#status = message.status;
    if (changed) for (const listener of this.#statusListeners) listener();
    if (message.refused) this.#options.onRefused();
  }
}

function joinWorker(open: () => SharedWorker, receive: (message: LinkMessage) => void): Line | undefined {
  try {
    const { port } = open();
    port.onmessage = ({ data }: MessageEvent<LinkMessage>) => receive(data);
    return { say: (message) => port.postMessage(message) };
  } catch {
    return undefined;
  }
}

function ownLine(receive: (message: LinkMessage) => void): Line {
  const link = new EventLink({
    fetch: (url, init) => fetch(url, init),
    publish: receive,
    setTimer: (callback, delayMs) => {
      const timer = setTimeout(callback, delayMs);
      return () => clearTimeout(timer);
    },
    random: Math.random,
  });
  return { say: (message) => (message === 'connect' ? link.connect() : link.close()) };
}
