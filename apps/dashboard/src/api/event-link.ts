// In: control's server-sent events. Out: parsed live events and whether the line is up.
// Runs in the shared worker, or in the page itself where a browser has no shared workers.
import type { LiveEvent } from '@vedette/contracts';

export type LinkStatus = 'connecting' | 'connected' | 'reconnecting' | 'closed';

export type LinkMessage =
  | { readonly kind: 'event'; readonly event: LiveEvent }
  /** `refused`: control answered, but not with events; most often the sign-in has run out. */
  | { readonly kind: 'status'; readonly status: LinkStatus; readonly refused: boolean };

/** The part of EventSource that is used, so that a test can hold it. */
export interface EventSourceLike {
  readonly readyState: number;
  addEventListener(type: string, listener: (event: { readonly data?: unknown }) => void): void;
  close(): void;
}

export interface EventLinkOptions {
  readonly open: (url: string) => EventSourceLike;
  readonly publish: (message: LinkMessage) => void;
  readonly setTimer: (callback: () => void, delayMs: number) => () => void;
  readonly random: () => number;
}

const URL_PATH = '/api/v1/events';
const CLOSED = 2;
const FIRST_DELAY_MS = 500;
const LONGEST_DELAY_MS = 10_000;

/** Keyed by the type, so that a new event fails the compilation here until it is listened to. */
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
  #source: EventSourceLike | undefined;
  #cancelTimer: (() => void) | undefined;
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
    if (this.#source !== undefined && this.#source.readyState !== CLOSED) return;
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    this.#setStatus(this.#status === 'closed' ? 'connecting' : 'reconnecting', false);
    this.#open();
  }

  close(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    this.#source?.close();
    this.#source = undefined;
    this.#failures = 0;
    this.#setStatus('closed', false);
  }

  #open(): void {
    const source = this.#options.open(URL_PATH);
    this.#source = source;
    source.addEventListener('open', () => {
      if (source !== this.#source) return;
      this.#failures = 0;
      this.#setStatus('connected', false);
    });
    source.addEventListener('error', () => {
      if (source === this.#source) this.#failed(source);
    });
    for (const type of Object.keys(EVENT_TYPES)) {
      source.addEventListener(type, ({ data }) => {
        const event = source === this.#source ? parseEvent(type, data) : undefined;
        if (event !== undefined) this.#options.publish({ kind: 'event', event });
      });
    }
  }

  /** A broken line is dialled again by the browser itself; a refused one is ours to retry. */
  #failed(source: EventSourceLike): void {
    const refused = source.readyState === CLOSED;
    this.#setStatus('reconnecting', refused);
    if (!refused) return;
    source.close();
    const ceiling = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** this.#failures);
    this.#failures += 1;
    this.#cancelTimer?.();
    this.#cancelTimer = this.#options.setTimer(
      () => {
        this.#cancelTimer = undefined;
        if (this.#source === source) this.#open();
      },
      ceiling * (0.5 + this.#options.random() / 2),
    );
  }

  #setStatus(status: LinkStatus, refused: boolean): void {
    if (status === this.#status && refused === this.#refused) return;
    this.#status = status;
    this.#refused = refused;
    this.#options.publish(this.status);
  }
}

function parseEvent(type: string, data: unknown): LiveEvent | undefined {
  if (typeof data !== 'string') return undefined;
  try {
    const value: unknown = JSON.parse(data);
    if (typeof value !== 'object' || value === null) return undefined;
    return { ...value, type } as LiveEvent;
  } catch {
    return undefined;
  }
}
