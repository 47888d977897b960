/// <reference path="./hls-light.d.ts" />
import type Hls from 'hls.js';
import { CameraMemory } from './camera-memory.ts';
import { type Capabilities, capabilitiesOfBrowser } from './capabilities.ts';
import { browserClock, type Clock } from './clock.ts';
import { ConnectionBudget, multiplexedByBrowser } from './connection-budget.ts';
import { Listening } from './listening.ts';
import { NetworkMemory } from './network-memory.ts';
import type { PlayerApi } from './player-api.ts';
import { Ticker } from './ticker.ts';

/** What the players of one page share. Make one a page and give it to every element. */
export interface PlayerEnvironment {
  readonly api: PlayerApi;
  readonly network: NetworkMemory;
  readonly cameras: CameraMemory;
  readonly listening: Listening;
  readonly budget: ConnectionBudget;
  readonly clock: Clock;
  readonly ticker: Ticker;
  readonly capabilities: () => Capabilities;
  readonly loadHls: () => Promise<typeof Hls>;
  /** A hidden page shows nothing, so that nothing can be said about its pictures. */
  readonly hidden: () => boolean;
}

const TICK_MS = 250;

/** `api` is the page's way to control; everything else starts empty. */
export function createPlayerEnvironment(options: {
  readonly api: PlayerApi;
  readonly clock?: Clock;
}): PlayerEnvironment {
  const clock = options.clock ?? browserClock;
  let capabilities: Capabilities | undefined;
  return {
    api: options.api,
    clock,
    cameras: new CameraMemory(),
    listening: new Listening(),
    network: new NetworkMemory({ now: () => clock.now() }),
    budget: new ConnectionBudget({ multiplexed: multiplexedByBrowser }),
    ticker: new Ticker({ clock, everyMs: TICK_MS }),
    capabilities() {
      capabilities ??= capabilitiesOfBrowser();
      return capabilities;
    },
    loadHls: async () => (await import('hls.js/light')).default,
    hidden: () => document.hidden,
  };
}
