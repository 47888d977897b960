import { BlockList, isIP } from 'node:net';

/** The setting HTTP_SOURCE_HOSTS: names, `*.names`, addresses and networks that HTTP sources may be on; nothing by default. */
export class AllowedHosts {
  readonly #names = new Set<string>();
  readonly #suffixes: string[] = [];
  readonly #addresses = new BlockList();

  constructor(entries: readonly string[]) {
    for (const entry of entries) this.#add(entry.trim().toLowerCase());
  }

  /** By its name alone; an address is never allowed here. */
  allowsName(host: string): boolean {
    const name = host.toLowerCase().replace(/\.$/, '');
    return this.#names.has(name) || this.#suffixes.some((suffix) => name.endsWith(suffix));
  }

  allowsAddress(address: string): boolean {
    const family = isIP(address);
    return family !== 0 && this.#addresses.check(address, family === 6 ? 'ipv6' : 'ipv4');
  }

  #add(entry: string): void {
    const [address = '', bits] = entry.split('/');
    const bare = address.replace(/^\[|\]$/g, '');
    const family = isIP(bare);
    if (family !== 0) {
      const most = family === 6 ? 128 : 32;
      this.#addresses.addSubnet(
        bare,
        bits === undefined ? most : Number(bits),
        family === 6 ? 'ipv6' : 'ipv4',
      );
    } else if (entry.startsWith('*.')) this.#suffixes.push(entry.slice(1));
    else this.#names.add(entry.replace(/\.$/, ''));
  }
}
