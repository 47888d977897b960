// Enters: alerts. Leaves: each at whom it concerns, tried again until it has arrived or is given up, kept meanwhile.
// Not its job: gathering (alert-gatherer.ts), how it is sent (webhook-sender.ts, mail-sender.ts).
import type { AlertMessage } from '@vedette/contracts';
import { backoffMs, type Clock, fullJitter, type Log } from '@vedette/runtime';
import type { Alert } from './alert-gatherer.ts';
import type { AlertStore, AlertTarget, Delivery } from './alert-store.ts';
import { DeliveryFailure } from './delivery-failure.ts';

/** Hands one alert over. Throws DeliveryFailure. */
export type SendAlert = (target: AlertTarget, message: AlertMessage) => Promise<void>;

interface AlertDispatcherOptions {
  readonly store: Pick<AlertStore, 'targets' | 'enqueue' | 'due' | 'claim' | 'finish' | 'removeBefore'>;
  readonly send: SendAlert;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
}

export const MAX_ATTEMPTS = 8;
const RETRY = { baseMs: 1000, capMs: 5 * 60_000 };
const LOOK_MS = 1000;
const AT_ONCE = 10;
/** Longer than any attempt: whoever has died over one by then leaves it to others. */
const CLAIM_MS = 60_000;
/** Alerts that wait to be kept while the database is away. */
const MAX_WAITING = 1000;
const KEEP_MS = 30 * 24 * 60 * 60_000;
const CLEAN_EVERY_MS = 60 * 60_000;

export class AlertDispatcher {
  readonly #options: AlertDispatcherOptions;
  #waiting: Alert[] = [];
  #lost = 0;
  #cancel: () => void = () => undefined;
  #cleanedAt = 0;
  #closed = false;

  constructor(options: AlertDispatcherOptions) {
    this.#options = options;
  }

  start(): void {
    this.#cleanedAt = this.#options.clock.now();
    this.#later();
  }

  /** Keeps what still waits. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#cancel();
    await this.#keep().catch(() => undefined);
  }

  /** Never waits and never throws. */
  take(alert: Alert): void {
    if (this.#waiting.length < MAX_WAITING) this.#waiting.push(alert);
    else this.#lost += 1;
  }

  #later(): void {
    if (this.#closed) return;
    this.#cancel = this.#options.clock.after(LOOK_MS, () => {
      this.#look()
        .catch((err: unknown) => this.#options.log.error({ err }, 'alerts could not be sent; trying again'))
        .finally(() => this.#later());
    });
  }

  async #look(): Promise<void> {
    const { clock, store } = this.#options;
    await this.#keep();
    const due = await store.due(new Date(clock.wallNow()), AT_ONCE);
    await Promise.all(due.map(({ delivery, target }) => this.#attempt(delivery, target)));
    if (clock.now() - this.#cleanedAt < CLEAN_EVERY_MS) return;
    this.#cleanedAt = clock.now();
    await store.removeBefore(new Date(clock.wallNow() - KEEP_MS));
  }

  /** From memory to the database, in their order; what cannot be kept now stays. */
  async #keep(): Promise<void> {
    const { clock, log, store } = this.#options;
    for (;;) {
      const [alert] = this.#waiting;
      if (alert === undefined) break;
      const targets = (await store.targets(alert.tenantId)).filter(
        ({ enabled, events }) => enabled && events.includes(alert.message.kind),
      );
      await store.enqueue(targets, alert.message, new Date(clock.wallNow()));
      this.#waiting.shift();
    }
    if (this.#lost > 0)
      log.error({ count: this.#lost }, 'more alerts than could wait for the database; some are lost');
    this.#lost = 0;
  }

  async #attempt(delivery: Delivery, target: AlertTarget): Promise<void> {
    const { clock, log, random, send, store } = this.#options;
    const now = clock.wallNow();
    if (!(await store.claim(delivery, new Date(now + CLAIM_MS)))) return;
    const attempts = delivery.attempts + 1;
    try {
      await send(target, delivery.event);
      await store.finish(delivery.id, { state: 'done', lastError: null });
    } catch (error) {
      const failure =
        error instanceof DeliveryFailure
          ? error
          : new DeliveryFailure('It could not be sent.', { cause: error });
      const isDead = failure.isFinal || attempts >= MAX_ATTEMPTS;
      const waitMs = fullJitter(backoffMs(attempts, RETRY), random);
      const about = { err: error, targetId: target.id, alertId: delivery.event.id, attempts };
      if (isDead) log.error(about, 'an alert was given up');
      else log.warn(about, 'an alert could not be sent; trying again');
      await store.finish(delivery.id, {
        state: isDead ? 'dead' : 'pending',
        lastError: failure.message,
        nextAt: new Date(clock.wallNow() + waitMs),
      });
    }
  }
}
