import type { CameraId, FoundDevice } from '@vedette/contracts';
import type { DeviceAddress } from './device-address.ts';

interface Facts {
  readonly kind: FoundDevice['kind'];
  readonly at: DeviceAddress;
  /** Empty where it is not known. */
  readonly endpoint: string;
  readonly name: string | null;
  readonly model: string | null;
  readonly location: string | null;
}

/** Addresses of cameras that are known, lower case, with their ids. */
export type KnownHosts = ReadonlyMap<string, readonly CameraId[]>;

const MAX_FOUND = 5000;

/** Devices as they answer, each once: by its own name for itself where it has one, else by where it is. */
export class FoundDevices {
  readonly #known: KnownHosts;
  readonly #byPlace = new Map<string, FoundDevice>();
  readonly #placeOf = new Map<string, string>();

  constructor(options: { readonly known: KnownHosts }) {
    this.#known = options.known;
  }

  /** True when this is news. */
  add({ at, endpoint, kind, location, model, name }: Facts): boolean {
    const host = at.host.toLowerCase();
    const place = (endpoint === '' ? undefined : this.#placeOf.get(endpoint)) ?? `${host}:${at.port}`;
    const before = this.#byPlace.get(place);
    if (before === undefined && this.#byPlace.size >= MAX_FOUND) return false;
    if (endpoint !== '') this.#placeOf.set(endpoint, place);
    const now: FoundDevice = {
      kind: before?.kind === 'onvif' ? 'onvif' : kind,
      host: before?.host ?? at.host,
      port: before?.port ?? at.port,
      name: before?.name ?? name,
      model: before?.model ?? model,
      location: before?.location ?? location,
      known: before?.known ?? [...(this.#known.get(host) ?? [])],
    };
    this.#byPlace.set(place, now);
    return before === undefined || JSON.stringify(before) !== JSON.stringify(now);
  }

  list(): FoundDevice[] {
    return [...this.#byPlace.values()];
  }
}
