import { BlockList, isIP } from 'node:net';

/** Never a camera's unless a network is named: ourselves, link-local with the clouds' metadata services, multicast. */
const CLOSED_BY_DEFAULT = [
  '0.0.0.0/8',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '224.0.0.0/4',
  '240.0.0.0/4',
  '::/128',
  '::1/128',
  'fe80::/10',
  'ff00::/8',
  // Amazon's and Oracle's metadata services outside link-local
  'fd00:ec2::254/128',
  '192.0.0.192/32',
];

/** Link-local and the metadata services of clouds: no web source is ever there, whatever the settings name. */
const CLOSED_TO_THE_WEB = [
  '169.254.0.0/16',
  'fe80::/10',
  'fd00:ec2::254/128',
  '192.0.0.192/32',
  '100.100.100.200/32',
];

interface AddressRulesOptions {
  /** CIDRs; given, sources may be there and nowhere else. */
  readonly networks: readonly string[] | undefined;
  /** Addresses of this machine as they are now. */
  readonly ownAddresses: () => readonly string[];
  /** Ports that Vedette itself listens on here. */
  readonly ownPorts: readonly number[];
}

/** Where sources may be: the settings' SOURCE_NETWORKS, and never our own ports. */
export class AddressRules {
  readonly #allowed: BlockList | undefined;
  readonly #closed = listOf(CLOSED_BY_DEFAULT);
  readonly #ownAddresses: () => readonly string[];
  readonly #ownPorts: ReadonlySet<number>;

  constructor(options: AddressRulesOptions) {
    this.#allowed = options.networks === undefined ? undefined : listOf(options.networks);
    this.#ownAddresses = options.ownAddresses;
    this.#ownPorts = new Set(options.ownPorts);
  }

  /** Undefined when a source may be there, otherwise why not. `address` is an IP address, not a name. */
  refusal(address: string, port: number): string | undefined {
    const plain = withoutMapping(address);
    if (isIP(plain) === 0) return 'is not an address';
    if (this.#ownPorts.has(port) && (isLoopback(plain) || this.#ownAddresses().includes(plain)))
      return 'is Vedette itself';
    const family = isIP(plain) === 4 ? 'ipv4' : 'ipv6';
    if (this.#allowed !== undefined)
      return this.#allowed.check(plain, family) ? undefined : 'is outside the networks of SOURCE_NETWORKS';
    return this.#closed.check(plain, family)
      ? 'is this machine, link-local or multicast, where no source may be unless SOURCE_NETWORKS names it'
      : undefined;
  }
}

const closedToTheWeb = listOf(CLOSED_TO_THE_WEB);

/** Undefined when a web source may be there as far as this goes; `AddressRules` has the rest to say. */
export function webRefusal(address: string): string | undefined {
  const plain = withoutMapping(address);
  const family = isIP(plain) === 4 ? 'ipv4' : 'ipv6';
  return isIP(plain) !== 0 && closedToTheWeb.check(plain, family)
    ? 'is link-local or a metadata service, where no web source may be'
    : undefined;
}

/** `::ffff:10.0.0.1` is 10.0.0.1 to every socket. */
function withoutMapping(address: string): string {
  const hex = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/i.exec(address);
  if (hex !== null) {
    const [high, low] = [Number.parseInt(hex[1] ?? '', 16), Number.parseInt(hex[2] ?? '', 16)];
    return [high >> 8, high & 255, low >> 8, low & 255].join('.');
  }
  return /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1] ?? address;
}

function isLoopback(address: string): boolean {
  return address.startsWith('127.') || address === '::1' || address === '0.0.0.0' || address === '::';
}

function listOf(networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [address = '', bits = ''] = network.split('/');
    list.addSubnet(address, Number(bits), isIP(address) === 6 ? 'ipv6' : 'ipv4');
  }
  return list;
}
