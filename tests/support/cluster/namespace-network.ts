// A network namespace for each part, all on one bridge of this machine, which has the first address itself. A cut is a
// set of addresses that a namespace hears nothing of (nftables). Needs root. All of it is named after this process;
// what a killed one left behind goes when the next begins.
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import type { ClusterNetwork, Place } from './cluster-network.ts';

const NAME = /^vd(\d+)(?:-\d+|b)$/;
const DEAF = `
  table inet cut {
    set peers { type ipv4_addr; }
    chain input { type filter hook input priority 0; ip saddr @peers drop; }
  }`;

interface Room extends Place {
  readonly namespace: string;
}

export class NamespaceNetwork implements ClusterNetwork {
  readonly #bridge = `vd${process.pid}b`;
  readonly #net: string;
  readonly #rooms = new Map<string, Room>();
  readonly #cut = new Set<Room>();
  #closed = false;

  constructor() {
    sweep();
    this.#net = freeNet();
    try {
      ip('link', 'add', this.#bridge, 'type', 'bridge');
      ip('addr', 'add', `${this.#net}.1/24`, 'dev', this.#bridge);
      ip('link', 'set', this.#bridge, 'up');
    } catch (error) {
      this[Symbol.dispose]();
      throw error;
    }
  }

  get cidr(): string {
    return `${this.#net}.0/24`;
  }

  place(name: string): Place {
    const known = this.#rooms.get(name);
    if (known !== undefined) return known;
    const number = this.#rooms.size + 2;
    const namespace = `vd${process.pid}-${number}`;
    const room: Room = {
      namespace,
      address: `${this.#net}.${number}`,
      prefix: ['ip', 'netns', 'exec', namespace],
    };
    this.#rooms.set(name, room);
    const cable = `vd${process.pid}v${number}`;
    ip('netns', 'add', namespace);
    ip('link', 'add', cable, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', namespace);
    ip('link', 'set', cable, 'master', this.#bridge, 'up');
    ip('-n', namespace, 'addr', 'add', `${room.address}/24`, 'dev', 'eth0');
    ip('-n', namespace, 'link', 'set', 'eth0', 'up');
    ip('-n', namespace, 'link', 'set', 'lo', 'up');
    nft(namespace, DEAF);
    return room;
  }

  cut(one: string, other: string): void {
    const [left, right] = [this.#room(one), this.#room(other)];
    nft(left.namespace, `add element inet cut peers { ${right.address} }`);
    nft(right.namespace, `add element inet cut peers { ${left.address} }`);
    this.#cut.add(left).add(right);
  }

  heal(): void {
    for (const { namespace } of this.#cut) nft(namespace, 'flush set inet cut peers');
    this.#cut.clear();
  }

  [Symbol.dispose](): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const { namespace } of this.#rooms.values()) quietly(() => ip('netns', 'del', namespace));
    quietly(() => ip('link', 'del', this.#bridge));
  }

  #room(name: string): Room {
    const room = this.#rooms.get(name);
    if (room === undefined) throw new Error(`nothing lives at ${name}`);
    return room;
  }
}

/** Removes what belongs to processes that are gone. */
function sweep(): void {
  const isLeft = (name: string | undefined): name is string => {
    const pid = NAME.exec(name ?? '')?.[1];
    return pid !== undefined && !existsSync(`/proc/${pid}`);
  };
  const namespaces = ip('netns', 'list').split('\n');
  for (const name of namespaces.map((line) => line.split(' ')[0])) {
    if (isLeft(name)) quietly(() => ip('netns', 'del', name));
  }
  const bridges = ip('-o', 'link', 'show', 'type', 'bridge').split('\n');
  for (const name of bridges.map((line) => /^\d+: (\w+)/.exec(line)?.[1])) {
    if (isLeft(name)) quietly(() => ip('link', 'del', name));
  }
}

function freeNet(): string {
  const taken = ip('-o', '-4', 'addr', 'show');
  for (let third = process.pid % 250; ; third = (third + 1) % 250) {
    if (!taken.includes(` 10.201.${third}.`)) return `10.201.${third}`;
  }
}

function ip(...args: readonly string[]): string {
  return execFileSync('ip', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

function nft(namespace: string, script: string): void {
  execFileSync('ip', ['netns', 'exec', namespace, 'nft', '-f', '-'], {
    input: script,
    stdio: ['pipe', 'ignore', 'pipe'],
  });
}

function quietly(step: () => unknown): void {
  try {
    step();
  } catch {
    // It is gone already.
  }
}
