// Enters: a view. Leaves: the same view with fresh tokens, at half the life of the old ones, again and again; or the
// news that control does not know it any more. Control being away is no such news: what plays goes on.
import type { ReasonCode } from '@vedette/contracts';
import type { Clock } from './clock.ts';
import { PlayerError } from './player-error.ts';
import type { StartClient } from './start-client.ts';
import type { View } from './view-grant.ts';

export interface ViewLeaseOptions {
  readonly view: View;
  readonly client: Pick<StartClient, 'renew'>;
  readonly clock: Clock;
  readonly onRenewed: (view: View) => void;
  readonly onLost: (code: ReasonCode) => void;
}

const AGAIN_MS = 5000;
const OVER: ReadonlySet<ReasonCode> = new Set<ReasonCode>([
  'session_not_found',
  'session_revoked',
  'forbidden',
  'denied_by_policy',
  'not_found',
  'camera_not_found',
]);

export class ViewLease {
  readonly #options: ViewLeaseOptions;
  readonly #abort = new AbortController();
  #view: View;
  #cancel: () => void;

  constructor(options: ViewLeaseOptions) {
    this.#options = options;
    this.#view = options.view;
    this.#cancel = this.#later(options.view.lifeMs / 2);
  }

  close(): void {
    this.#abort.abort();
    this.#cancel();
  }

  /** Spread by a tenth, so that a wall opened at once does not renew at once. */
  #later(ms: number): () => void {
    const { clock } = this.#options;
    return clock.after(ms * (0.9 + clock.random() / 10), () => {
      this.#renew().catch((error: unknown) => this.#failed(error));
    });
  }

  async #renew(): Promise<void> {
    const view = await this.#options.client.renew(this.#view, this.#abort.signal);
    if (this.#abort.signal.aborted) return;
    this.#view = view;
    this.#cancel = this.#later(view.lifeMs / 2);
    this.#options.onRenewed(view);
  }

  #failed(error: unknown): void {
    if (this.#abort.signal.aborted) return;
    if (error instanceof PlayerError && OVER.has(error.code)) this.#options.onLost(error.code);
    else this.#cancel = this.#later(AGAIN_MS);
  }
}
