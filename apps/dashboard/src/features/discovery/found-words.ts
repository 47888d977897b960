// What a search found, in words and as requests. In: a search or a device. Out: texts, names, bodies of requests.
import type {
  CameraInputFields,
  Discovery,
  DiscoveryPlaces,
  DiscoveryRequest,
  FoundDevice,
} from '@vedette/contracts';
import { bracketed } from '../cameras/source-address.ts';

/** The same device over all answers of one search. */
export function deviceKey(device: Pick<FoundDevice, 'host' | 'port'>): string {
  return `${bracketed(device.host)}:${device.port}`;
}

/** What it calls itself; else what it is; else where. */
export function deviceName({ host, model, name }: Pick<FoundDevice, 'host' | 'name' | 'model'>): string {
  const own = [name, model].find((text) => text !== null && text.trim() !== '');
  return (own ?? host).trim().slice(0, 200);
}

export interface Credentials {
  readonly username: string;
  readonly password: string;
}

/** A device as a new camera. */
export function cameraOf(device: FoundDevice, { password, username }: Credentials): CameraInputFields {
  return {
    name: deviceName(device),
    source: {
      kind: 'onvif',
      host: device.host,
      port: device.port,
      transport: 'tcp',
      ...(username === '' ? {} : { username }),
      ...(password === '' ? {} : { password }),
    },
    pull: 'on-demand',
    idleTtlSeconds: 15,
    renditions: [],
  };
}

/** Interfaces by name, each once, with all of their addresses. */
export function interfacesByName(
  interfaces: DiscoveryPlaces['interfaces'],
): readonly { readonly name: string; readonly addresses: readonly string[] }[] {
  const byName = new Map<string, string[]>();
  for (const { address, name } of interfaces) byName.set(name, [...(byName.get(name) ?? []), address]);
  return [...byName].map(([name, addresses]) => ({ name, addresses }));
}

/** Ranges as they are typed: one a line, or separated by commas. */
export function rangesOf(text: string): string[] {
  return text
    .split(/[\n,;]/)
    .map((range) => range.trim())
    .filter((range) => range !== '');
}

/** Undefined when there is nothing to search. */
export function requestOf(choice: {
  readonly interfaces: readonly string[];
  readonly ranges: string;
}): DiscoveryRequest | undefined {
  const ranges = rangesOf(choice.ranges);
  if (choice.interfaces.length === 0 && ranges.length === 0) return undefined;
  return { interfaces: [...choice.interfaces], ranges };
}

/** What is wrong with the ranges, each named, from paths such as `ranges.2`. */
export function rangeErrors(errors: ReadonlyMap<string, string>, ranges: readonly string[]): string[] {
  return [...errors].flatMap(([path, message]) => {
    if (path === 'ranges') return [`They ${message}`];
    const index = /^ranges\.(\d+)$/.exec(path)?.[1];
    return index === undefined ? [] : [`${ranges[Number(index)] ?? 'A range'}: ${message}`];
  });
}

/** How far a search is, from 0 to 1; undefined where nobody can say, as with answers that may yet come. */
export function searchShare({ state, total, tried }: Discovery): number | undefined {
  if (state !== 'running') return 1;
  return total === 0 || tried >= total ? undefined : tried / total;
}

/** How far a search is, in words. */
export function searchWords({ found, state, total, tried }: Discovery): string {
  const devices = count(found.length, 'device');
  const addresses = total === 0 ? '' : `${tried} of ${count(total, 'address', 'addresses')} tried, `;
  switch (state) {
    case 'running':
      return total > 0 && tried < total
        ? `${addresses}${devices} so far`
        : `Waiting for answers, ${devices} so far`;
    case 'done':
      return total === 0 ? `Done: ${devices} answered` : `Done: ${addresses}${devices} answered`;
    case 'cancelled':
      return `Called off: ${addresses}${devices} answered before`;
  }
}

export function count(number: number, one: string, many = `${one}s`): string {
  return `${number} ${number === 1 ? one : many}`;
}
