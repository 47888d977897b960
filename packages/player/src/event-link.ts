// In: control's server-sent events. Out: parsed live events and whether the line is up.
// Runs in the shared worker, or in the page itself where a browser has no shared workers. Reads the stream itself:
// an EventSource does not tell of heartbeats, and without them a line that died silently looks like a quiet one.
import type { LiveEvent } from '@vedette/contracts';
import { EventStreamParser, type StreamMessage } from './event-stream-parser.ts';

export type LinkStatus = 'connecting' | 'connected' | 'reconnecting' | 'closed';

export type LinkMessage =
  | { readonly kind: 'event'; readonly event: LiveEvent }
  /** `refused`: control answered, but with 401: the sign-in has run out. */
  | { readonly kind: 'status'; readonly status: LinkStatus; readonly refused: boolean };

export interface EventLinkOptions {
  readonly fetch: typeof fetch;
  readonly publish: (message: LinkMessage) => void;
  /** Calls back once after the delay unless cancelled by what it returns. */
  readonly setTimer: (callback: () => void, delayMs: number) => () => void;
  readonly random: () => number;
}

const PATH = '/api/v1/events';
/** Control sends a heartbeat every 15 s; two of them missing is no coincidence. */
const SILENCE_MS = 35_000;
const FIRST_DELAY_MS = 500;
const LONGEST_DELAY_MS = 10_000;

/** Keyed by the type, so that a new event fails the compilation here until it is known. */
const EVENT_TYPES: Readonly<Record<LiveEvent['type'], true>> = {
  'camera.state': true,
  'camera.changed': true,
  'camera.deleted': true,
  'session.started': true,
  'session.ended': true,
  'session.move': true,
  'node.state': true,
};

export class EventLink {
  readonly #options: EventLinkOptions;
  #life: AbortController | undefined;
  /** Cuts the wait between two attempts short. */
  #hurry: (() => void) | undefined;
  #status: LinkStatus = 'closed';
  #refused = false;
  #failures = 0;

  constructor(options: EventLinkOptions) {
    this.#options = options;
  }

  get status(): LinkMessage {
    return { kind: 'status', status: this.#status, refused: this.#refused };
  }

  /** Opens the line unless it is open; a wait between two attempts is cut short. */
  connect(): void {
    if (this.#life !== undefined) {
      this.#hurry?.();
      return;
    }
    const life = new AbortController();
    this.#life = life;
    this.#setStatus('connecting', false);
    void this.#live(life.signal);
  }

  close(): void {
    this.#life?.abort();
    this.#life = undefined;
    this.#failures = 0;
    this.#setStatus('closed', false);
  }

  async #live(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const refused = await this.#attempt(signal);
      if (signal.aborted) return;
      this.#setStatus('reconnecting', refused);
      await this.#wait(signal);
    }
  }

  /** One connection from its opening to its end; resolves to whether control refused it with 401. */
  async #attempt(signal: AbortSignal): Promise<boolean> {
    const silence = new AbortController();
    let cancelTimer: () => void = () => {};
    const heard = () => {
      cancelTimer();
      cancelTimer = this.#options.setTimer(() => silence.abort(), SILENCE_MS);
    };
    heard();
    try {
      const response = await this.#options.fetch(PATH, {
        headers: { accept: 'text/event-stream' },
        cache: 'no-store',
        credentials: 'same-origin',
        signal: AbortSignal.any([signal, silence.signal]),
      });
      if (!response.ok || response.body === null) return response.status === 401;
      this.#failures = 0;
      this.#setStatus('connected', false);
      const parser = new EventStreamParser();
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return false;
        heard();
        for (const message of parser.push(value)) this.#publish(message);
      }
    } catch {
      // Unreachable, broken, silent or closed by us: all end this attempt and nothing else.
      return false;
    } finally {
      cancelTimer();
    }
  }

  #publish(message: StreamMessage): void {
    const event = parseEvent(message);
    if (event !== undefined) this.#options.publish({ kind: 'event', event });
  }

  /** Longer after each failure, by chance too, so that a thousand browsers do not come back in the same instant. */
  #wait(signal: AbortSignal): Promise<void> {
    const ceiling = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** this.#failures);
    this.#failures += 1;
    return new Promise((resolve) => {
      const cancelTimer = this.#options.setTimer(() => go(), ceiling * (0.5 + this.#options.random() / 2));
      const go = () => {
        cancelTimer();
        signal.removeEventListener('abort', go);
        this.#hurry = undefined;
        resolve();
      };
      this.#hurry = go;
      signal.addEventListener('abort', go);
    });
  }

  #setStatus(status: LinkStatus, refused: boolean): void {
    // A refusal is told each time: whoever hears it may have failed to find out about the sign-in before.
    if (status === this.#status && refused === this.#refused && !refused) return;
    this.#status = status;
    this.#refused = refused;
    this.#options.publish(this.status);
  }
}

/** Undefined for what this page does not know, as a newer control may send. */
function parseEvent({ type, data }: StreamMessage): LiveEvent | undefined {
  if (!Object.hasOwn(EVENT_TYPES, type)) return undefined;
  try {
    const value: unknown = JSON.parse(data);
    return typeof value === 'object' && value !== null ? ({ ...value, type } as LiveEvent) : undefined;
  } catch {
    return undefined;
  }
}
