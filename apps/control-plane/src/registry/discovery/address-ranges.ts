import { BlockList, isIPv4 } from 'node:net';

export type Ranges =
  | { readonly ok: true; readonly addresses: readonly string[] }
  | { readonly ok: false; readonly fields: { readonly path: string; readonly message: string }[] };

/** More at once is a flood, not a search. */
export const MAX_ADDRESSES = 4096;
const FORMS = 'give an address, a network such as 10.0.0.0/24, or a range such as 10.0.0.5-10.0.0.90';

/** The addresses of `10.0.0.7`, `10.0.0.0/24` and `10.0.0.5-10.0.0.90`, each once, all within `allowed` (CIDRs). */
export function addressesOfRanges(ranges: readonly string[], allowed: readonly string[]): Ranges {
  const fields: { path: string; message: string }[] = [];
  const addresses = new Set<number>();
  const networks = listOf(allowed);
  for (const [index, text] of ranges.entries()) {
    const path = `ranges.${index}`;
    const span = spanOf(text);
    if (span === undefined) fields.push({ path, message: FORMS });
    else if (span.last - span.first >= MAX_ADDRESSES)
      fields.push({ path, message: `holds more than ${MAX_ADDRESSES} addresses: give a smaller one` });
    else {
      for (let address = span.first; address <= span.last; address += 1) {
        if (!networks.check(textOf(address))) {
          fields.push({ path, message: 'is outside the networks of SCAN_NETWORKS' });
          break;
        }
        addresses.add(address);
      }
    }
  }
  if (fields.length === 0 && addresses.size > MAX_ADDRESSES)
    fields.push({ path: 'ranges', message: `hold more than ${MAX_ADDRESSES} addresses together` });
  if (fields.length > 0) return { ok: false, fields };
  return { ok: true, addresses: [...addresses].sort((a, b) => a - b).map(textOf) };
}

/** First and last address, both included; network and broadcast addresses of a CIDR are left out. */
function spanOf(text: string): { first: number; last: number } | undefined {
  const [, from = '', bits, to] = /^([\d.]+)(?:\/(\d{1,2})|\s*-\s*([\d.]+))?$/.exec(text) ?? [];
  if (!isIPv4(from)) return undefined;
  const first = numberOf(from);
  if (to !== undefined) {
    const last = isIPv4(to) ? numberOf(to) : -1;
    return last < first ? undefined : { first, last };
  }
  const prefix = bits === undefined ? 32 : Number(bits);
  if (prefix > 32) return undefined;
  const size = 2 ** (32 - prefix);
  const start = Math.floor(first / size) * size;
  return size > 2 ? { first: start + 1, last: start + size - 2 } : { first: start, last: start + size - 1 };
}

function numberOf(address: string): number {
  return address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
}

function textOf(address: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join('.');
}

function listOf(networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [address = '', bits = ''] = network.split('/');
    if (isIPv4(address)) list.addSubnet(address, Number(bits));
  }
  return list;
}
