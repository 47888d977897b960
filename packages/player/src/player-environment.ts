import { browserClock, type Clock } from './clock.ts';
import { ConnectionBudget, multiplexedByBrowser } from './connection-budget.ts';
import { NetworkMemory } from './network-memory.ts';
import type { PlayerApi } from './player-api.ts';

/** What the players of one page share. Make one a page and give it to every element. */
export interface PlayerEnvironment {
  readonly api: PlayerApi;
  readonly network: NetworkMemory;
  readonly budget: ConnectionBudget;
  readonly clock: Clock;
}

/** `api` is the page's way to control; everything else starts empty. */
export function createPlayerEnvironment(options: {
  readonly api: PlayerApi;
  readonly clock?: Clock;
}): PlayerEnvironment {
  const clock = options.clock ?? browserClock;
  return {
    api: options.api,
    clock,
    network: new NetworkMemory({ now: () => clock.now() }),
    budget: new ConnectionBudget({ multiplexed: multiplexedByBrowser }),
  };
}
