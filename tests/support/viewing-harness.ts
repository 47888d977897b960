import {
  ALL_CAMERAS,
  type AuditEvent,
  CameraId,
  type CameraProfile,
  HOME_TENANT,
  type Limits,
  NodeId,
  PolicyRules,
  type Role,
  type StartAnswer,
  TenantId,
  UserId,
} from '@vedette/contracts';
import { type Clock, createMetrics, type Metrics, silentLog, VedetteError } from '@vedette/runtime';
import { cameraAccess } from '../../apps/control-plane/src/access/camera-access.ts';
import { LocalTimes } from '../../apps/control-plane/src/access/local-time.ts';
import type { AccessDecision } from '../../apps/control-plane/src/access/permission.ts';
import type { Principal } from '../../apps/control-plane/src/access/principal.ts';
import { type AdmissionLimits, DEFAULT_LIMITS } from '../../apps/control-plane/src/admission/admit-view.ts';
import type { BudgetSource } from '../../apps/control-plane/src/admission/budget-book.ts';
import { DEFAULT_TENANT_LIMITS } from '../../apps/control-plane/src/admission/limits-store.ts';
import type { Database } from '../../apps/control-plane/src/database/database.ts';
import { EventBus } from '../../apps/control-plane/src/events/event-bus.ts';
import { IdempotencyStore } from '../../apps/control-plane/src/http/idempotency-store.ts';
import { IncidentStore } from '../../apps/control-plane/src/incidents/incident-store.ts';
import type { PolicyPort } from '../../apps/control-plane/src/policy/policy-routes.ts';
import type { KeptPolicy } from '../../apps/control-plane/src/policy/policy-store.ts';
import { MemorySharedState } from '../../apps/control-plane/src/state/memory-shared-state.ts';
import type { ProcessBoard } from '../../apps/control-plane/src/state/process-board.ts';
import type { SharedState } from '../../apps/control-plane/src/state/shared-state.ts';
import { CachedCameraCatalog } from '../../apps/control-plane/src/streams/cached-camera-catalog.ts';
import type { CameraCatalog, StreamableCamera } from '../../apps/control-plane/src/streams/camera-catalog.ts';
import {
  createViewing,
  type Viewing,
  type ViewingOptions,
} from '../../apps/control-plane/src/streams/create-viewing.ts';
import { MediaTokenIssuer } from '../../apps/control-plane/src/tokens/media-token-issuer.ts';
import { paperProcesses } from './processes.ts';

export const NODE_TOKEN = 'node-token-of-the-tests';

/** Of the first tenant, with a grant for every camera. */
export function somebody(name: string, role: Role, kind: Principal['kind'] = 'user'): Principal {
  const id = UserId.parse(name.toLowerCase());
  return { kind, id, name, role, tenantId: HOME_TENANT, grants: ALL_CAMERAS };
}

export const ALICE = somebody('Alice', 'operator');
export const VICTOR = somebody('Victor', 'viewer');
export const ADMIN = somebody('Admin', 'admin');
export const ROBOT = somebody('Robot', 'operator', 'token');
/** Sees every camera, and may watch none. */
export const AUDREY = somebody('Audrey', 'auditor');
/** Has a token that may not watch. */
const READER: Principal = { ...somebody('Reader', 'admin', 'token'), scopes: ['camera.read'] };
/** Of another tenant. */
export const OTTO: Principal = { ...somebody('Otto', 'admin'), tenantId: TenantId.parse('other') };
export const PRINCIPALS: readonly Principal[] = [ALICE, VICTOR, ADMIN, ROBOT, AUDREY, READER, OTTO];

/** An RTSP camera with a main and a sub stream. */
function plainCamera(id: string): StreamableCamera {
  const cameraId = CameraId.parse(id);
  const source = (name: string) =>
    ({ kind: 'rtsp', url: `rtsp://camera/${id}/${name}`, transport: 'tcp' }) as const;
  return {
    id: cameraId,
    tenantId: HOME_TENANT,
    siteId: null,
    groupIds: [],
    tags: [],
    tier: 5,
    pathName: null,
    kind: 'rtsp',
    host: id,
    maxConnections: null,
    name: `Camera ${id}`,
    pull: 'on-demand',
    idleTtlSeconds: 15,
    profiles: [
      { name: 'main', codec: 'h264', width: 1280, height: 720, frameRate: 15, source: source('main') },
      { name: 'sub', codec: 'h264', width: 320, height: 180, frameRate: 8, source: source('sub') },
    ],
  };
}

/** One that offers exactly this. */
export function paperCamera(profiles: readonly CameraProfile[]): StreamableCamera {
  const camera = plainCamera('c1');
  const source = { kind: 'rtsp', url: 'rtsp://camera/main', transport: 'tcp' } as const;
  return { ...camera, profiles: profiles.map((profile) => ({ ...profile, source })) };
}

/** Cameras as a test wants them. */
export class PaperCatalog implements CameraCatalog {
  readonly cameras = new Map<CameraId, StreamableCamera>();
  finds = 0;
  failing = false;

  add(id: string, change: Partial<StreamableCamera> = {}): StreamableCamera {
    const camera = { ...plainCamera(id), ...change };
    this.cameras.set(camera.id, camera);
    return camera;
  }

  async find(cameraId: CameraId): Promise<StreamableCamera | undefined> {
    this.finds++;
    if (this.failing) throw new Error('the database is away');
    return this.cameras.get(cameraId);
  }

  async cameraNamed(pathName: string): Promise<CameraId | undefined> {
    return [...this.cameras.values()].find((camera) => camera.pathName === pathName)?.id;
  }

  async alwaysOn(): Promise<readonly StreamableCamera[]> {
    if (this.failing) throw new Error('the database is away');
    return [...this.cameras.values()].filter(({ pull }) => pull === 'always-on');
  }
}

/** There is none here; whoever asks it finds out. */
const noDatabase: Database = {
  isRemote: false,
  isAway: true,
  run: () => Promise.reject(new Error('there is no database here')),
  transaction: () => Promise.reject(new Error('there is no database here')),
  close: async () => undefined,
};

/** Rules of the first tenant as a test wants them; versions are counted, and not kept. */
class PaperPolicies implements PolicyPort {
  #newest: KeptPolicy | undefined;

  constructor(rules: readonly unknown[] | undefined) {
    if (rules !== undefined) this.#newest = this.#kept(1, PolicyRules.parse(rules));
  }

  async newest() {
    return this.#newest;
  }

  async get() {
    return this.#newest;
  }

  async versions() {
    return this.#newest === undefined ? [] : [this.#newest];
  }

  async add(...[, { basedOn, rules }]: Parameters<PolicyPort['add']>) {
    this.#newest = this.#kept(basedOn + 1, rules);
    return this.#newest;
  }

  #kept(version: number, rules: NonNullable<KeptPolicy['rules']>): KeptPolicy {
    return { version, rules, author: 'test', note: '', createdAt: new Date(0) };
  }
}

export interface ViewingHarness {
  readonly viewing: Viewing;
  readonly state: SharedState;
  readonly bus: EventBus;
  readonly catalog: PaperCatalog;
  readonly metrics: Metrics;
  /** What was written down so far. */
  readonly audited: readonly Audited[];
  /** Starts as `by` (an operator unless said otherwise). */
  start(cameraId: string, options?: StartOptions): Promise<StartAnswer>;
}

type Audited = Omit<AuditEvent, 'at'>;

export interface StartOptions {
  readonly by?: Principal;
  readonly protocol?: 'webrtc' | 'hls';
  readonly idempotencyKey?: string;
  readonly request?: Parameters<Viewing['streams']['start']>[0]['request'];
}

/** The deciding half of control, with memory for state and paper for cameras. Close `viewing` in the end. */
export async function createViewingHarness(options: {
  readonly clock: Clock;
  readonly limits?: Partial<AdmissionLimits>;
  readonly tenantLimits?: Partial<Limits>;
  /** People as they are now, beside those of every test. */
  readonly who?: (id: UserId) => Principal | undefined;
  readonly incidentOf?: (id: CameraId) => string | undefined;
  /** Instead of the default ones. */
  readonly rules?: readonly unknown[];
  readonly sites?: Awaited<ReturnType<BudgetSource['sites']>>;
  readonly recorders?: Awaited<ReturnType<BudgetSource['recorders']>>;
  readonly knownNodes?: readonly string[];
  readonly catalog?: PaperCatalog;
  readonly keyFrames?: ViewingOptions['keyFrames'];
  /** What several control processes share. */
  readonly cluster?: {
    readonly state: SharedState;
    readonly board: ProcessBoard;
    readonly controlId: string;
  };
  /** Nodes where nothing listens any more. */
  readonly refuses?: (nodeId: NodeId) => boolean;
  /** Instead of a list in memory. */
  readonly audit?: Pick<ViewingOptions, 'audit' | 'viewLog'>;
}): Promise<ViewingHarness> {
  const { clock } = options;
  const bus = new EventBus();
  const metrics = createMetrics();
  const state = options.cluster?.state ?? new MemorySharedState();
  const catalog = options.catalog ?? new PaperCatalog();
  const audited: Audited[] = [];
  const cached = new CachedCameraCatalog({ source: catalog, bus });
  const times = new LocalTimes();
  const policies = new PaperPolicies(options.rules);
  const decide = async (principal: Principal, cameraId: CameraId): Promise<AccessDecision> => {
    const place = cameraId === 'secret' ? undefined : await cached.find(cameraId);
    return place === undefined
      ? { allowed: false, code: 'forbidden', rule: 'no-camera', reason: 'there is no such camera' }
      : cameraAccess(principal, place, { nowMs: clock.wallNow(), times });
  };
  const viewing = createViewing({
    bus,
    state,
    catalog: cached,
    pathNames: catalog,
    keyFrames: options.keyFrames ?? { ask: async () => 'impossible' },
    policies,
    incidents: {
      store: new IncidentStore({ database: noDatabase }),
      idempotency: new IdempotencyStore({ database: noDatabase }),
      book: {
        of: (id) => options.incidentOf?.(id),
        look: async () => undefined,
        start: () => undefined,
        close: () => undefined,
      },
    },
    times,
    access: {
      decide,
      mayView: async (principal, cameraId) => (await decide(principal, cameraId)).allowed,
      who: async (id) => options.who?.(id) ?? PRINCIPALS.find((principal) => principal.id === id),
      nameOf: async (id) => PRINCIPALS.find((principal) => principal.id === id)?.name,
    },
    tokens: await MediaTokenIssuer.open({
      secrets: { signingKey: (_name, make) => make() },
      clock,
    }),
    limits: { ...DEFAULT_LIMITS, ...options.limits },
    limitsOf: async () => ({ ...DEFAULT_TENANT_LIMITS, ...options.tenantLimits }),
    budgets: {
      sites: async () => options.sites ?? [],
      recorders: async () => options.recorders ?? [],
      onBudgets: () => () => undefined,
    },
    nodeToken: NODE_TOKEN,
    identify: async (credentials) => {
      const name = credentials.kind === 'basic' ? credentials.username : '';
      const principal = PRINCIPALS.find(({ id }) => id === name);
      if (principal === undefined) throw new VedetteError('unauthenticated');
      return principal;
    },
    iceServers: (_user, site = 'stun') => [{ urls: [`stun:${site}.test:3478`] }],
    allowedOrigins: ['http://control.test'],
    processes: paperProcesses({ ...options.cluster, bus }),
    peerUrl: undefined,
    refuses: async ({ nodeId }) => options.refuses?.(nodeId) ?? false,
    knownNodes: (options.knownNodes ?? []).map((id) => NodeId.parse(id)),
    onKnownNodes: () => undefined,
    metrics,
    audit: { append: (event) => audited.push(event) },
    viewLog: {
      ended: () => undefined,
      wasWritten: async (id) =>
        audited.some(({ kind, sessionId }) => kind === 'view-ended' && sessionId === id),
    },
    ...options.audit,
    clock,
    log: silentLog(),
  });
  await viewing.start();
  return {
    viewing,
    audited,
    state,
    bus,
    catalog,
    metrics,
    start: (cameraId, { by = ALICE, idempotencyKey, protocol, request = {} } = {}) =>
      viewing.streams.start({
        principal: by,
        cameraId: CameraId.parse(cameraId),
        protocol,
        request,
        idempotencyKey,
        requestId: 'test',
        clientAddress: '10.9.8.7',
      }),
  };
}
