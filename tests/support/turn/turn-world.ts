// Three machines in network namespaces: a viewer whose UDP gets nowhere but to the relay (or nowhere at all), a relay
// with the shipped configuration of coturn and of its firewall, and a node. Needs root.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Place } from '../cluster/cluster-network.ts';
import { ClusterProcess } from '../cluster/cluster-process.ts';
import { NamespaceNetwork } from '../cluster/namespace-network.ts';
import { eventually } from '../eventually.ts';
import type { RelayedViewers } from './relayed-viewers-program.ts';

const file = (path: string) => fileURLToPath(new URL(`../../../${path}`, import.meta.url));
const CONFIG = file('deploy/coturn/turnserver.conf');
const FIREWALL = file('deploy/nftables/turn.nft');
const NODE_PROGRAM = file('tests/support/turn/whep-node-program.ts');
const VIEWERS_PROGRAM = file('tests/support/turn/relayed-viewers-program.ts');
const EXAMPLE_RELAY = '203.0.113.10';
const EXAMPLE_NODE = '203.0.113.21';
const EXAMPLE_SECRET = 'CHANGE-ME-openssl-rand-hex-32';
/** Of the relay, so that it relays IPv6 as well; unique local addresses (RFC 4193) that nobody routes. */
export const RELAY_IPV6 = 'fd00:5ee:1::10';
export const TURN_SECRET = 'a secret of this test alone';
const UDP_PORT = 8189;

export interface TurnWorldOptions {
  /** Lines of the configuration in place of the shipped ones with the same name. */
  readonly settings?: Readonly<Record<string, string | number>>;
  /** What the camera shows, Annex B at 15 pictures a second, in place of a committed clip of 0.35 Mbit/s. */
  readonly clip?: string;
}

export interface ViewersOptions {
  readonly count: number;
  readonly transport: 'udp' | 'tcp';
  readonly port: number;
  readonly username: string;
  readonly credential: string;
}

/** Viewers without a browser, as they are now. */
export interface Viewers extends AsyncDisposable {
  readonly now: RelayedViewers | undefined;
}

export class TurnWorld implements AsyncDisposable {
  readonly viewer: Place;
  readonly relay: Place;
  readonly node: Place;
  readonly #network = new NamespaceNetwork();
  readonly #folder = mkdtempSync(join(tmpdir(), 'vedette-turn-'));
  #coturn: ClusterProcess | undefined;
  #nodeProcess: ClusterProcess | undefined;
  #whepUrl = '';

  private constructor() {
    this.viewer = this.#network.place('viewer');
    this.relay = this.#network.place('relay');
    this.node = this.#network.place('node');
  }

  static async start(options: TurnWorldOptions = {}): Promise<TurnWorld> {
    const world = new TurnWorld();
    try {
      world.#blockUdp();
      await Promise.all([world.#startRelay(options.settings ?? {}), world.#startNode(options.clip)]);
    } catch (error) {
      await world[Symbol.asyncDispose]();
      throw error;
    }
    return world;
  }

  /** Of the one stream of the node; any token is good. */
  get whepUrl(): string {
    return this.#whepUrl;
  }

  /** What coturn said. */
  get relayLog(): string {
    return this.#coturn === undefined ? '' : readFileSync(this.#coturn.logFile, 'utf8');
  }

  get relayPid(): number | undefined {
    return this.#coturn?.pid;
  }

  /** Viewers of the one stream, by relay alone. */
  viewers({ count, credential, port, transport, username }: ViewersOptions): Viewers {
    let now: RelayedViewers | undefined;
    const asked = {
      url: this.#whepUrl,
      bind: this.viewer.address,
      host: this.relay.address,
      port,
      transport,
      username,
      password: credential,
      viewers: count,
    };
    const viewers = this.#process('viewers', this.viewer, {
      command: [
        process.execPath,
        VIEWERS_PROGRAM,
        ...Object.entries(asked).map(([name, value]) => `--${name}=${value}`),
      ],
      onLine: (line) => {
        now = JSON.parse(line);
        return true;
      },
    });
    return {
      get now() {
        return now;
      },
      [Symbol.asyncDispose]: () => viewers.kill(),
    };
  }

  /** From now on the viewer's UDP does not reach the relay either. */
  blockAllUdp(): void {
    this.#nft(this.viewer, 'add rule inet blocked out oifname != "lo" meta l4proto udp counter drop');
  }

  /** Packets that the rule between viewer and node has stopped. */
  get blockedPackets(): number {
    const rules = this.#run(this.viewer, ['nft', 'list', 'chain', 'inet', 'blocked', 'out']);
    return Number(/counter packets (\d+)/.exec(rules)?.[1] ?? 0);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.#coturn?.kill(), this.#nodeProcess?.kill()]);
    this.#network[Symbol.dispose]();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** As a firewall between them: the node hears nothing of the viewer by UDP, nor the viewer of the node. */
  #blockUdp(): void {
    const table = 'add table inet blocked';
    const out = 'add chain inet blocked out { type filter hook output priority 0; }';
    this.#nft(
      this.viewer,
      `${table}\n${out}\nadd rule inet blocked out ip daddr ${this.node.address} meta l4proto udp counter drop`,
    );
    this.#nft(
      this.node,
      `${table}\n${out}\nadd rule inet blocked out ip daddr ${this.viewer.address} meta l4proto udp counter drop`,
    );
  }

  async #startRelay(settings: Readonly<Record<string, string | number>>): Promise<void> {
    const { address } = this.relay;
    this.#run(this.relay, ['ip', 'addr', 'add', `${RELAY_IPV6}/64`, 'dev', 'eth0', 'nodad']);
    const [certificate, key] = [join(this.#folder, 'turn.crt'), join(this.#folder, 'turn.key')];
    const subject = ['-subj', '/CN=turn.test', '-days', '2', '-nodes'];
    const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256'];
    execFileSync('openssl', ['req', '-x509', ...kind, ...subject, '-keyout', key, '-out', certificate], {
      stdio: 'ignore',
    });
    const here: Record<string, string | number> = {
      'static-auth-secret': TURN_SECRET,
      cert: certificate,
      pkey: key,
      'relay-ip': `${address}\nrelay-ip=${RELAY_IPV6}`,
      ...settings,
    };
    let config = readFileSync(CONFIG, 'utf8')
      // Who changes users is no longer killed with us.
      .replaceAll(/^proc-(?:user|group)=.*$/gm, '')
      .replaceAll(EXAMPLE_RELAY, address)
      .replaceAll(EXAMPLE_NODE, this.node.address);
    for (const [name, value] of Object.entries(here)) {
      const line = new RegExp(`^${name}=.*$`, 'm');
      if (!line.test(config)) throw new Error(`the shipped configuration has no ${name}`);
      config = config.replace(line, () => `${name}=${value}`);
    }
    if (config.includes(EXAMPLE_SECRET)) throw new Error('an example is left in the configuration');
    const path = join(this.#folder, 'turnserver.conf');
    writeFileSync(path, config);
    this.#run(this.relay, ['nft', '-f', this.#firewall()]);
    this.#coturn = new ClusterProcess({
      spec: { name: 'coturn', command: ['turnserver', '-c', path, '--log-file=stdout'], ours: false },
      place: this.relay,
      logFolder: this.#folder,
    });
    this.#coturn.start();
    await eventually('the relay listens', () => reaches(address, 443));
  }

  #firewall(): string {
    const path = join(this.#folder, 'turn.nft');
    cpSync(FIREWALL, path);
    writeFileSync(
      path,
      readFileSync(FIREWALL, 'utf8')
        .replaceAll(EXAMPLE_NODE, this.node.address)
        .replace('"turnserver"', '"root"'),
    );
    return path;
  }

  async #startNode(clip: string | undefined): Promise<void> {
    this.#nodeProcess = this.#process('node', this.node, {
      command: [
        process.execPath,
        NODE_PROGRAM,
        this.node.address,
        String(UDP_PORT),
        ...(clip === undefined ? [] : [clip]),
      ],
      onLine: (line) => {
        this.#whepUrl = String(JSON.parse(line).url);
        return true;
      },
    });
    await eventually('the node listens', () => this.#whepUrl !== '', { withinMs: 20_000 });
  }

  #process(
    name: string,
    place: Place,
    how: { readonly command: readonly string[]; readonly onLine: (line: string) => boolean },
  ): ClusterProcess {
    const process = new ClusterProcess({
      spec: { name, ours: true, ...how },
      place,
      logFolder: this.#folder,
    });
    process.start();
    return process;
  }

  #nft(place: Place, script: string): void {
    execFileSync('ip', [...place.prefix.slice(1), 'nft', '-f', '-'], { input: script });
  }

  #run(place: Place, command: readonly string[]): string {
    const [program = '', ...args] = [...place.prefix, ...command];
    return execFileSync(program, args, { encoding: 'utf8' });
  }
}

function reaches(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}
