// A cluster in a box: the real programs, each at an address of its own, that tests and benches kill, freeze and cut off.
// PostgreSQL, Redis, control processes behind HAProxy, media nodes, simulated cameras, viewers.
// Not its job: what to do to them (bench/chaos.ts), or how each is run (cluster/).
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NodeView, StreamView } from '@vedette/contracts';
import type { Pull } from '../../simulators/index.ts';
import { ask, unreadiness } from './cluster/ask.ts';
import type { ClusterNetwork } from './cluster/cluster-network.ts';
import {
  CAMERA_USER,
  type ClusterOptions,
  controlUrlOf,
  newSecrets,
  planCluster,
} from './cluster/cluster-plan.ts';
import { ClusterProcess, type ProgramSpec } from './cluster/cluster-process.ts';
import { SIMULATOR_PORT, viewersProgram } from './cluster/cluster-programs.ts';
import { CrowdLog } from './cluster/crowd-log.ts';
import { LoopbackNetwork } from './cluster/loopback-network.ts';
import { NamespaceNetwork } from './cluster/namespace-network.ts';
import { eventually } from './eventually.ts';

const START_MS = 60_000;
const CONTESTED = 'contested';
/** A viewer counts as in the dark after 500 ms without a picture; what was done just now shows no sooner. */
const NOTICED_MS = 600;

export class ClusterWorld implements AsyncDisposable {
  readonly options: ClusterOptions;
  readonly folder = mkdtempSync(join(tmpdir(), 'vedette-cluster-'));
  readonly logFolder = join(this.folder, 'logs');
  readonly crowd = new CrowdLog();
  /** Of those who contest the places of one camera. */
  readonly contenders = new CrowdLog();
  readonly #network: ClusterNetwork;
  readonly #parts = new Map<string, ClusterProcess>();
  readonly #secrets = newSecrets();
  /** Ends of each part before the cluster was ready. */
  readonly #diedBefore = new Map<string, number>();
  /** In the order they were added. */
  #cameraIds: readonly string[] = [];
  #contested = '';
  #keepLogs = false;

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
    return controlUrlOf(this.#network, 'haproxy');
  }

  /** Nothing passes between a part and each of the others any more. */
  cut(name: string, others: readonly string[]): void {
    for (const other of others) this.#network.cut(name, other);
  }

  /** Ends every cut. */
  heal(): void {
    this.#network.heal();
  }

  /** A call as the administrator; throws unless it is answered 2xx. */
  api<T>(method: string, path: string, body?: unknown): Promise<T> {
    const headers = { authorization: `Bearer ${this.#secrets.adminToken}` };
    return ask<T>(`${this.publicUrl}/api/v1${path}`, { method, body, headers });
  }

  nodes(): Promise<readonly NodeView[]> {
    return this.api<{ items: NodeView[] }>('GET', '/nodes').then(({ items }) => items);
  }

  streams(): Promise<readonly StreamView[]> {
    return this.api<{ items: StreamView[] }>('GET', '/streams?limit=500').then(({ items }) => items);
  }

  /** A call to the simulator's control API. */
  simulator<T>(method: string, path: string, body?: unknown): Promise<T> {
    const { address } = this.part('simulator');
    return ask<T>(`http://${address}:${SIMULATOR_PORT}${path}`, { method, body });
  }

  /** Who pulled which camera, as the cameras saw it, of all that had not ended at `sinceMs`. */
  async pulls(sinceMs: number): Promise<readonly (Pull & { readonly camera: number })[]> {
    const { items } = await this.simulator<{ items: (Pull & { camera: number })[] }>(
      'GET',
      `/pulls?sinceMs=${sinceMs}`,
    );
    return items;
  }

  /**
   * Viewers in so many programs, each with an API token of its own, over all cameras but those that are contested;
   * resolves once all have pictures.
   */
  async watch(options: { readonly viewers: number; readonly programs: number }): Promise<void> {
    const { programs, viewers } = options;
    const cameras = this.#cameraIds.filter((id) => id !== this.#contested);
    for (let number = 1; number <= programs; number += 1) {
      const from = Math.floor(((number - 1) * viewers) / programs);
      const to = Math.floor((number * viewers) / programs);
      const share = Array.from({ length: to - from }, (_, i) => cameras[(from + i) % cameras.length] ?? '');
      await this.#addViewers(`viewers-${number}`, share, this.crowd);
    }
    await eventually(
      'all viewers have pictures',
      () => this.crowd.viewers === viewers && this.crowd.dark.length === 0,
      { withinMs: START_MS },
    );
  }

  /** More viewers than there are places for, on the last camera; resolves once the places are taken. */
  async contest(options: { readonly viewers: number; readonly places: number }): Promise<void> {
    const { places, viewers } = options;
    this.#contested = this.#cameraIds.at(-1) ?? '';
    await this.api('PATCH', `/cameras/${this.#contested}`, { pathName: CONTESTED });
    const quotaGroups = [{ name: CONTESTED, pattern: CONTESTED, maxViews: places }];
    await this.api('PUT', '/limits', { basedOn: 0, limits: { quotaGroups } });
    const cameras = Array.from({ length: viewers }, () => this.#contested);
    await this.#addViewers('contenders', cameras, this.contenders);
    await eventually('the places are taken', () => viewers - this.contenders.dark.length === places, {
      withinMs: START_MS,
    });
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
        const { asOfMs, dark } = this.crowd;
        const tell = this.names('viewers').length > 0;
        if (amiss === '' && tell && asOfMs < from + NOTICED_MS) amiss = 'viewers have not told yet';
        if (amiss === '' && dark.length > 0) amiss = `${dark.length} viewers are in the dark`;
        return amiss === '';
      },
      { withinMs, everyMs: 100 },
    ).catch((cause: unknown) => {
      throw new Error(amiss, { cause });
    });
  }

  /** Which programs ended though nobody had ended them; what waited for its database to appear does not count. */
  get diedByThemselves(): string[] {
    return [...this.#parts.values()].flatMap(({ diedByItself, name }) =>
      diedByItself.slice(this.#diedBefore.get(name) ?? 0).map((text) => `${name} at ${text}`),
    );
  }

  /** Whether the logs stay when the cluster ends. */
  keepLogs(keep = true): void {
    this.#keepLogs = keep;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // Viewers first, so that their views end and not break.
    await Promise.all(this.names('viewers').map((name) => this.part(name).stop()));
    await Promise.all([...this.#parts.values()].map((part) => part.kill()));
    this.#network[Symbol.dispose]();
    const left = this.#keepLogs
      ? ['postgres', 'data', 'haproxy'].map((name) => join(this.folder, name))
      : [this.folder];
    for (const path of left) rmSync(path, { recursive: true, force: true, maxRetries: 5 });
  }

  async #start(): Promise<void> {
    const { folder, options } = this;
    const plan = planCluster({ options, network: this.#network, secrets: this.#secrets, folder });
    for (const spec of plan) this.#add(spec).start();
    await this.well(START_MS);
    for (const { diedByItself, name } of this.#parts.values())
      this.#diedBefore.set(name, diedByItself.length);
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
      const not = await unreadiness(controlUrlOf(this.#network, name));
      if (not !== '') return `${name} is not ready: ${not}`;
    }
    const not = await unreadiness(this.publicUrl);
    if (not !== '') return `the front is not ready: ${not}`;
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
          password: this.#secrets.cameraPassword,
        },
        // Health checks would dial too, and this is about who pulls.
        watched: false,
      });
      ids.push(id);
    }
    this.#cameraIds = ids;
  }

  #add(spec: ProgramSpec): ClusterProcess {
    const place = this.#network.place(spec.name);
    const part = new ClusterProcess({ spec, place, logFolder: this.logFolder });
    this.#parts.set(spec.name, part);
    return part;
  }

  async #addViewers(name: string, cameras: readonly string[], crowd: CrowdLog): Promise<void> {
    const token = await this.api<{ secret: string }>('POST', '/tokens', { name, role: 'viewer' });
    const { address } = this.#network.place(name);
    const onLine = (line: string) => crowd.take(name, line);
    const what = { address, controlUrl: this.publicUrl, token: token.secret, cameras, onLine };
    this.#add(viewersProgram(name, what)).start();
  }
}
