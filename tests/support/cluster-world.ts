// A cluster in a box: the real programs, each at an address of its own, that tests and benches kill, freeze and cut off.
// PostgreSQL, Redis, control processes behind HAProxy, media nodes, simulated cameras, viewers.
// Not its job: what to do to them (bench/chaos.ts), or how each is run (cluster/).
import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NodeId, type NodeView, type StreamView } from '@vedette/contracts';
import type { Pull } from '../../simulators/index.ts';
import type { ClusterNetwork } from './cluster/cluster-network.ts';
import { ClusterProcess, type ProgramSpec } from './cluster/cluster-process.ts';
import {
  CONTROL_PORT,
  controlProgram,
  haproxyProgram,
  NODE_PORT,
  nodeProgram,
  REDIS_PORT,
  redisProgram,
  SIMULATOR_PORT,
  simulatorProgram,
  viewersProgram,
} from './cluster/cluster-programs.ts';
import { CrowdLog } from './cluster/crowd-log.ts';
import { LoopbackNetwork } from './cluster/loopback-network.ts';
import { NamespaceNetwork } from './cluster/namespace-network.ts';
import { databaseUrl, postgresProgram } from './cluster/postgres-program.ts';
import { eventually } from './eventually.ts';

export interface ClusterOptions {
  readonly controls: number;
  readonly nodes: number;
  readonly cameras: number;
  /** A real server instead of the embedded default; more than one control process needs both. */
  readonly postgres: boolean;
  readonly redis: boolean;
  /** `namespaces` lets parts be cut off, and needs root. */
  readonly network: 'loopback' | 'namespaces';
}

const CAMERA_USER = 'vedette';
const START_MS = 60_000;

export class ClusterWorld implements AsyncDisposable {
  readonly options: ClusterOptions;
  readonly folder = mkdtempSync(join(tmpdir(), 'vedette-cluster-'));
  readonly logFolder = join(this.folder, 'logs');
  readonly crowd = new CrowdLog();
  readonly #network: ClusterNetwork;
  readonly #parts = new Map<string, ClusterProcess>();
  readonly #secrets = { adminToken: secret(), nodeToken: secret(), masterKey: secret(), camera: secret() };
  /** In the order they were added. */
  #cameraIds: readonly string[] = [];
  #keepFolder = false;

  private constructor(options: ClusterOptions) {
    this.options = options;
    // PostgreSQL runs as somebody else.
    chmodSync(this.folder, 0o755);
    mkdirSync(this.logFolder);
    this.#network = options.network === 'namespaces' ? new NamespaceNetwork() : new LoopbackNetwork();
  }

  /** Resolves once every camera is listed and the front answers that it is ready. */
  static async start(options: ClusterOptions): Promise<ClusterWorld> {
    const world = new ClusterWorld(options);
    try {
      await world.#start();
      return world;
    } catch (error) {
      world.keepLogs();
      await world[Symbol.asyncDispose]();
      throw new Error(`the cluster did not start; its logs are in ${world.logFolder}`, { cause: error });
    }
  }

  /** `control-1`, `node-2`, `redis`, `postgres`, `haproxy`, `simulator`, `viewers-1`, … Throws when there is none. */
  part(name: string): ClusterProcess {
    const part = this.#parts.get(name);
    if (part === undefined) throw new Error(`the cluster has no ${name}`);
    return part;
  }

  /** Names of all parts whose name begins so. */
  names(prefix: string): string[] {
    return [...this.#parts.keys()].filter((name) => name.startsWith(prefix));
  }

  get cameraIds(): readonly string[] {
    return this.#cameraIds;
  }

  /** Where browsers reach control. */
  get publicUrl(): string {
    return `http://${this.#address('haproxy')}:${CONTROL_PORT}`;
  }

  /** Nothing passes between a part and each of the others any more. */
  cut(name: string, others: readonly string[]): void {
    for (const other of others) this.#network.cut(name, other);
  }

  /** Ends every cut. */
  heal(): void {
    this.#network.heal();
  }

  /** A call as the administrator, to all control processes' common address or to one of them; throws unless 2xx. */
  async api<T>(method: string, path: string, body?: unknown, at = this.publicUrl): Promise<T> {
    return ask<T>(`${at}/api/v1${path}`, {
      method,
      body,
      headers: { authorization: `Bearer ${this.#secrets.adminToken}` },
    });
  }

  nodes(): Promise<readonly NodeView[]> {
    return this.api<{ items: NodeView[] }>('GET', '/nodes').then(({ items }) => items);
  }

  streams(): Promise<readonly StreamView[]> {
    return this.api<{ items: StreamView[] }>('GET', '/streams?limit=500').then(({ items }) => items);
  }

  /** A call to the simulator's control API. */
  simulator<T>(method: string, path: string, body?: unknown): Promise<T> {
    return ask<T>(`http://${this.#address('simulator')}:${SIMULATOR_PORT}${path}`, { method, body });
  }

  /** Who pulled which camera, as the cameras saw it, of all that had not ended at `sinceMs`. */
  pulls(sinceMs: number): Promise<readonly (Pull & { readonly camera: number })[]> {
    return this.simulator<{ items: (Pull & { camera: number })[] }>('GET', `/pulls?sinceMs=${sinceMs}`).then(
      ({ items }) => items,
    );
  }

  /** Viewers in so many programs, each with an API token of its own; resolves once all have pictures. */
  async watch(options: { readonly viewers: number; readonly programs: number }): Promise<void> {
    const { programs, viewers } = options;
    for (let number = 1; number <= programs; number += 1) {
      const name = `viewers-${number}`;
      const from = Math.floor(((number - 1) * viewers) / programs);
      const to = Math.floor((number * viewers) / programs);
      const { secret: token } = await this.api<{ secret: string }>('POST', '/tokens', {
        name,
        role: 'viewer',
      });
      this.#add(
        viewersProgram(name, {
          address: this.#address(name),
          controlUrl: this.publicUrl,
          token,
          cameras: Array.from({ length: to - from }, (_, index) => this.#cameraAt(from + index)),
          onLine: (line) => this.crowd.take(name, line),
        }),
      ).start();
    }
    await this.pictures(START_MS, viewers);
  }

  /** Resolves once every viewer has pictures, by what they say from now on. */
  async pictures(withinMs: number, viewers = this.crowd.viewers): Promise<void> {
    const from = Date.now();
    await eventually(
      'all viewers have pictures',
      () => this.crowd.asOfMs > from && this.crowd.viewers === viewers && this.crowd.dark.length === 0,
      { withinMs, everyMs: 100 },
    );
  }

  /**
   * Resolves once every part runs, every control process is ready, every node is connected and every viewer has
   * pictures. Throws with what was still amiss.
   */
  async well(withinMs: number): Promise<void> {
    const from = Date.now();
    let amiss = '';
    await eventually(
      'all is well',
      async () => {
        amiss = await this.#amiss();
        if (amiss === '' && this.crowd.asOfMs <= from) amiss = 'viewers have not told yet';
        if (amiss === '' && this.crowd.dark.length > 0)
          amiss = `${this.crowd.dark.length} viewers are in the dark`;
        return amiss === '';
      },
      { withinMs, everyMs: 100 },
    ).catch((cause: unknown) => {
      throw new Error(amiss, { cause });
    });
  }

  /** The logs stay when the cluster ends. */
  keepLogs(): void {
    this.#keepFolder = true;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // Viewers first, so that their views end and not break; everything else at once.
    const first = [...this.#parts.values()].filter(({ name }) => name.startsWith('viewers'));
    await Promise.all(first.map((part) => part.stop()));
    await Promise.all([...this.#parts.values()].map((part) => part.kill()));
    this.#network[Symbol.dispose]();
    if (!this.#keepFolder) rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
    else
      for (const name of ['postgres', 'data'])
        rmSync(join(this.folder, name), { recursive: true, force: true });
  }

  async #start(): Promise<void> {
    const { cameras, controls, nodes, postgres, redis } = this.options;
    if (postgres)
      this.#add(
        postgresProgram({ address: this.#address('postgres'), folder: `${this.folder}/postgres` }),
      ).start();
    if (redis) this.#add(redisProgram(this.#address('redis'))).start();
    const simulator = { cameras, username: CAMERA_USER, password: this.#secrets.camera };
    this.#add(simulatorProgram({ address: this.#address('simulator'), ...simulator })).start();
    const controlNames = numbered('control', controls);
    for (const name of controlNames) this.#addControl(name).start();
    for (const name of numbered('node', nodes)) this.#addNode(name, controlNames).start();
    const front = {
      address: this.#address('haproxy'),
      controls: controlNames.map((name) => this.#address(name)),
      folder: `${this.folder}/haproxy`,
    };
    this.#add(haproxyProgram(front)).start();
    await eventually('the cluster is ready', async () => (await this.#amiss()) === '', {
      withinMs: START_MS,
      everyMs: 100,
    });
    await this.#addCameras();
  }

  /** What is not as it should be, apart from pictures; empty when all is. */
  async #amiss(): Promise<string> {
    for (const { name, running } of this.#parts.values()) {
      // One of ours that could not do without its database yet is started again, as an orchestrator would.
      if (!running && /^(control|node)/.test(name)) this.part(name).start();
      if (!running) return `${name} does not run`;
    }
    for (const name of this.names('control')) {
      if (!(await isOk(`http://${this.#address(name)}:${CONTROL_PORT}/readyz`)))
        return `${name} is not ready`;
    }
    if (!(await isOk(`${this.publicUrl}/readyz`))) return 'the front is not ready';
    await this.simulator('GET', '/healthz');
    const nodes = await this.nodes();
    const away = nodes
      .filter(({ state }) => state !== 'connected')
      .map(({ id, state }) => `${id} is ${state}`);
    if (away.length > 0) return away.join(', ');
    return nodes.length < this.options.nodes ? `only ${nodes.length} nodes are known` : '';
  }

  async #addCameras(): Promise<void> {
    const { items } = await this.simulator<{
      items: { index: number; name: string; rtsp: { main: string; sub: string } }[];
    }>('GET', '/cameras');
    const ids: string[] = [];
    for (const { index, name, rtsp } of items) {
      const { id } = await this.api<{ id: string }>('POST', '/cameras', {
        name: `${name} (${index})`,
        source: {
          kind: 'rtsp',
          url: rtsp.main,
          subUrl: rtsp.sub,
          username: CAMERA_USER,
          password: this.#secrets.camera,
        },
        // Health checks would dial too, and this is about who pulls.
        watched: false,
      });
      ids.push(id);
    }
    this.#cameraIds = ids;
  }

  #addControl(name: string): ClusterProcess {
    const { postgres, redis } = this.options;
    const { adminToken, masterKey, nodeToken } = this.#secrets;
    return this.#add(
      controlProgram(name, {
        bind: this.#address(name),
        publicUrl: this.publicUrl,
        dataDir: `${this.folder}/data/${name}`,
        adminToken,
        nodeToken,
        masterKey,
        sourceNetworks: [this.#network.cidr],
        ...(postgres ? { databaseUrl: databaseUrl(this.#address('postgres')) } : {}),
        ...(redis ? { redisUrl: `redis://${this.#address('redis')}:${REDIS_PORT}` } : {}),
      }),
    );
  }

  #addNode(name: string, controls: readonly string[]): ClusterProcess {
    const address = this.#address(name);
    return this.#add(
      nodeProgram(name, {
        nodeId: NodeId.parse(name),
        bind: address,
        nodePublicUrl: `http://${address}:${NODE_PORT}`,
        controlUrl: controls.map((control) => `http://${this.#address(control)}:${CONTROL_PORT}`),
        dataDir: `${this.folder}/data/${name}`,
        nodeToken: this.#secrets.nodeToken,
        sourceNetworks: [this.#network.cidr],
      }),
    );
  }

  #add(spec: ProgramSpec): ClusterProcess {
    const part = new ClusterProcess({
      spec,
      place: this.#network.place(spec.name),
      logFolder: this.logFolder,
    });
    this.#parts.set(spec.name, part);
    return part;
  }

  #address(name: string): string {
    return this.#network.place(name).address;
  }

  #cameraAt(index: number): string {
    return this.#cameraIds[index % this.#cameraIds.length] ?? '';
  }
}

function numbered(name: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${name}-${index + 1}`);
}

function secret(): string {
  return randomBytes(32).toString('hex');
}

async function isOk(url: string): Promise<boolean> {
  const response = await fetch(url, { signal: AbortSignal.timeout(2000) }).catch(() => undefined);
  await response?.body?.cancel();
  return response?.ok === true;
}

async function ask<T>(
  url: string,
  options: { readonly method: string; readonly body?: unknown; readonly headers?: Record<string, string> },
): Promise<T> {
  const { body, headers, method } = options;
  const response = await fetch(url, {
    method,
    signal: AbortSignal.timeout(10_000),
    headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${url} answered ${response.status}: ${text}`);
  return (text === '' ? undefined : JSON.parse(text)) as T;
}
