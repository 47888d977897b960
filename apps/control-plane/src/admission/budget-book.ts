// Enters: sites and recorders as they are kept. Leaves: what the pull of a camera counts under, and how much that bears.
// Not its job: counting (state).
import type { SiteId, TenantId } from '@vedette/contracts';
import type { Clock, Log } from '@vedette/runtime';
import type { Counter } from '../state/shared-state.ts';
import type { StreamableCamera } from '../streams/camera-catalog.ts';

export interface BudgetSource {
  sites(): Promise<readonly { readonly id: SiteId; readonly maxPulls: number | null }[]>;
  recorders(): Promise<
    readonly { readonly tenantId: TenantId; readonly host: string; readonly maxConnections: number }[]
  >;
  onBudgets(listener: () => void): () => void;
}

interface Known {
  readonly sites: ReadonlyMap<SiteId, number>;
  readonly devices: ReadonlyMap<string, number>;
}

const REMEMBER_MS = 2000;
const NOTHING: Known = { sites: new Map(), devices: new Map() };

export class BudgetBook {
  readonly #source: BudgetSource;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #log: Log;
  #known: Known | undefined;
  #until = 0;
  /** Changed by this process: the next start waits for what it is now. */
  #isOutdated = false;
  #asking: Promise<Known> | undefined;

  constructor(options: {
    readonly source: BudgetSource;
    readonly clock: Pick<Clock, 'now'>;
    readonly log: Log;
  }) {
    this.#source = options.source;
    this.#clock = options.clock;
    this.#log = options.log;
    options.source.onBudgets(() => {
      this.#until = 0;
      this.#isOutdated = true;
    });
  }

  /** `urgent` may use the connection that is kept free for alarms. */
  async of(
    camera: Pick<StreamableCamera, 'id' | 'tenantId' | 'siteId' | 'host' | 'maxConnections'>,
    urgent: boolean,
  ): Promise<readonly Counter[]> {
    const { devices, sites } = await this.#current();
    const { host, id, maxConnections, siteId, tenantId } = camera;
    const found: Counter[] = [];
    const line = siteId === null ? undefined : sites.get(siteId);
    if (line !== undefined) found.push({ key: `site ${siteId}`, max: line, limit: 'site' });
    const recorder = host === null ? undefined : devices.get(`${tenantId} ${host}`);
    if (recorder !== undefined)
      found.push({
        key: `recorder ${tenantId} ${host}`,
        max: withOneFree(recorder, urgent),
        limit: 'device',
      });
    if (maxConnections !== null)
      found.push({ key: `device ${id}`, max: withOneFree(maxConnections, urgent), limit: 'device' });
    return found;
  }

  async #current(): Promise<Known> {
    if (this.#known !== undefined && this.#until > this.#clock.now()) return this.#known;
    this.#asking ??= this.#ask().finally(() => {
      this.#asking = undefined;
    });
    return this.#isOutdated ? this.#asking : (this.#known ?? this.#asking);
  }

  async #ask(): Promise<Known> {
    this.#isOutdated = false;
    try {
      const [sites, recorders] = await Promise.all([this.#source.sites(), this.#source.recorders()]);
      this.#known = {
        sites: new Map(sites.flatMap(({ id, maxPulls }) => (maxPulls === null ? [] : [[id, maxPulls]]))),
        devices: new Map(
          recorders.map(({ host, maxConnections, tenantId }) => [`${tenantId} ${host}`, maxConnections]),
        ),
      };
    } catch (err) {
      this.#log.error({ err }, 'sites and recorders could not be read; those of before hold');
      this.#known ??= NOTHING;
    }
    this.#until = this.#clock.now() + REMEMBER_MS;
    return this.#known;
  }
}

/** A device that bears several connections keeps one for what is urgent. */
function withOneFree(connections: number, urgent: boolean): number {
  return urgent || connections === 1 ? connections : connections - 1;
}
