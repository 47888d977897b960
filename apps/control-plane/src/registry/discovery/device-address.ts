import { BlockList, isIPv4 } from 'node:net';

export interface DeviceAddress {
  readonly host: string;
  readonly port: number;
}

/**
 * Where a device is reached, of all the addresses that it names: one on the network that it answered from before
 * any other, IPv4 before IPv6; where it names none of use (`0.0.0.0`, nothing), where its answer came from.
 */
export function deviceAddress(
  addresses: readonly string[],
  sender: string,
  network: { readonly address: string; readonly prefix: number },
): DeviceAddress {
  const near = new BlockList();
  near.addSubnet(network.address, network.prefix);
  const named = addresses.flatMap((text) => {
    const url = URL.canParse(text) ? new URL(text) : undefined;
    if (url === undefined || (url.protocol !== 'http:' && url.protocol !== 'https:')) return [];
    const port = Number(url.port) || (url.protocol === 'https:' ? 443 : 80);
    return [{ host: url.hostname.replace(/^\[(.*)\]$/, '$1'), port }];
  });
  const usable = named.filter(({ host }) => host !== '0.0.0.0' && host !== '::');
  return (
    usable.find(({ host }) => host === sender) ??
    usable.find(({ host }) => isIPv4(host) && near.check(host)) ??
    usable.find(({ host }) => isIPv4(host)) ??
    usable[0] ?? { host: sender, port: named[0]?.port ?? 80 }
  );
}
