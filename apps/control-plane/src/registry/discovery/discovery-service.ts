// Enters: "who is there?" on networks and in ranges. Leaves: devices as they answer, each once, matched with cameras.
// Not its job: adding cameras, and who may ask.
import type { CameraId, Discovery, DiscoveryPlaces, DiscoveryRequest, TenantId } from '@vedette/contracts';
import { type AddressRules, type Clock, newId, VedetteError } from '@vedette/runtime';
import { addressesOfRanges } from './address-ranges.ts';
import type { scanAddresses } from './address-scanner.ts';
import { FoundDevices, type KnownHosts } from './found-devices.ts';
import type { NetworkInterface, probeNetwork } from './multicast-prober.ts';

export interface DiscoveryOptions {
  readonly interfaces: () => readonly NetworkInterface[];
  readonly probeNetwork: typeof probeNetwork;
  readonly scanAddresses: typeof scanAddresses;
  /** CIDRs. */
  readonly scanNetworks: readonly string[];
  readonly rules: Pick<AddressRules, 'refusal'>;
  /** Hosts of the cameras that there are now. */
  readonly knownHosts: (tenantId: TenantId) => Promise<KnownHosts>;
  readonly clock: Clock;
}

interface Run {
  readonly id: string;
  readonly tenantId: TenantId;
  readonly startedAtMs: number;
  readonly found: FoundDevices;
  readonly total: number;
  readonly notes: string[];
  readonly cancel: AbortController;
  state: Discovery['state'];
  tried: number;
}

const AT_ONCE = 2;
const KEEP = 20;

export class DiscoveryService {
  readonly #options: DiscoveryOptions;
  readonly #runs = new Map<string, Run>();

  constructor(options: DiscoveryOptions) {
    this.#options = options;
  }

  places(): DiscoveryPlaces {
    const interfaces = this.#options.interfaces().map(({ address, name }) => ({ name, address }));
    return { interfaces, scanNetworks: [...this.#options.scanNetworks] };
  }

  /** Begins, and answers at once. Throws `invalid_request` naming fields, and `rate_limited` while enough are under way. */
  async begin(tenantId: TenantId, request: DiscoveryRequest): Promise<Discovery> {
    const { clock, interfaces, knownHosts, scanNetworks } = this.#options;
    const ranges = addressesOfRanges(request.ranges, scanNetworks);
    if (!ranges.ok) throw new VedetteError('invalid_request', { fields: ranges.fields });
    const there = interfaces();
    const networks =
      request.interfaces === undefined
        ? there
        : there.filter(({ name }) => request.interfaces?.includes(name));
    const missing = (request.interfaces ?? []).filter((name) => !there.some((one) => one.name === name));
    if (missing.length > 0)
      throw new VedetteError('invalid_request', {
        fields: [{ path: 'interfaces', message: `this machine has no ${missing.join(', ')}` }],
      });
    const found = new FoundDevices({ known: await knownHosts(tenantId) });
    if ([...this.#runs.values()].filter(({ state }) => state === 'running').length >= AT_ONCE)
      throw new VedetteError('rate_limited', {
        detail: `${AT_ONCE} searches are under way: wait for one, or cancel it.`,
        retryAfterSeconds: 10,
      });
    const run: Run = {
      id: newId(),
      tenantId,
      startedAtMs: clock.wallNow(),
      found,
      total: ranges.addresses.length,
      notes: [],
      cancel: new AbortController(),
      state: 'running',
      tried: 0,
    };
    this.#runs.set(run.id, run);
    this.#forgetOld();
    void this.#search(run, networks, ranges.addresses);
    return describe(run);
  }

  /** Undefined when it never was, is forgotten, or is of another tenant. */
  get(tenantId: TenantId, id: string): Discovery | undefined {
    const run = this.#runs.get(id);
    return run?.tenantId !== tenantId ? undefined : describe(run);
  }

  /** What was found so far stays. False when there is no such search. */
  cancel(tenantId: TenantId, id: string): boolean {
    const run = this.#runs.get(id);
    if (run?.tenantId !== tenantId) return false;
    run.cancel.abort();
    return true;
  }

  close(): void {
    for (const run of this.#runs.values()) run.cancel.abort();
  }

  async #search(
    run: Run,
    networks: readonly NetworkInterface[],
    addresses: readonly string[],
  ): Promise<void> {
    const { clock, rules } = this.#options;
    const { signal } = run.cancel;
    const asked = networks.map(async (network) => {
      try {
        await this.#options.probeNetwork(network, {
          clock,
          signal,
          onMatch: ({ endpoint, location, model, name }, at) => {
            if (rules.refusal(at.host, at.port) === undefined)
              run.found.add({ kind: 'onvif', at, endpoint, name, model, location });
          },
        });
      } catch {
        if (!signal.aborted)
          run.notes.push(`${network.name} (${network.address}) cannot be asked by multicast.`);
      }
    });
    const scanned = this.#options
      .scanAddresses(addresses, {
        rules,
        clock,
        signal,
        onFound: (kind, at) =>
          run.found.add({ kind, at, endpoint: '', name: null, model: null, location: null }),
        onTried: () => {
          run.tried += 1;
        },
      })
      .catch(() => {
        if (!signal.aborted) run.notes.push('Not all addresses could be tried.');
      });
    await Promise.all([...asked, scanned]);
    run.state = signal.aborted ? 'cancelled' : 'done';
  }

  #forgetOld(): void {
    for (const [id, run] of this.#runs) {
      if (this.#runs.size <= KEEP) return;
      if (run.state !== 'running') this.#runs.delete(id);
    }
  }
}

function describe(run: Run): Discovery {
  const { id, notes, state, total, tried } = run;
  const found = run.found.list();
  return {
    id,
    state,
    startedAt: new Date(run.startedAtMs).toISOString(),
    tried,
    total,
    found,
    notes: [...notes],
  };
}

/** Every camera's host names and addresses, for matching what is found. */
export function knownHostsOf(
  cameras: readonly { readonly id: CameraId; readonly hosts: readonly string[] }[],
): KnownHosts {
  const known = new Map<string, CameraId[]>();
  for (const { hosts, id } of cameras)
    for (const host of new Set(hosts.map((one) => one.toLowerCase())))
      known.set(host, [...(known.get(host) ?? []), id]);
  return known;
}
