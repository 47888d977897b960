import { bearerApi } from './bearer-api.ts';
import { createPlayerEnvironment, type PlayerEnvironment } from './player-environment.ts';
import { VedettePlayerElement } from './vedette-player-element.ts';

export interface DefineOptions {
  /** Shared by all elements; without it they call this page's own origin, or what their attributes name. */
  readonly environment?: PlayerEnvironment;
  readonly registry?: CustomElementRegistry;
}

const TAG = 'vedette-player';

/** Registers `<vedette-player>`; the first definition of a page counts. */
export function defineVedettePlayer(options: DefineOptions = {}): void {
  const registry = options.registry ?? customElements;
  if (registry.get(TAG) !== undefined) return;
  const shared = options.environment ?? createPlayerEnvironment({ api: bearerApi('', null) });
  registry.define(
    TAG,
    class extends VedettePlayerElement {
      constructor() {
        super(shared);
      }
    },
  );
}
