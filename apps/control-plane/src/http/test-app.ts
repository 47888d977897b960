import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ALL_CAMERAS, HOME_TENANT, Role } from '@vedette/contracts';
import { AddressRules, AllowedHosts, createMetrics, silentLog, systemClock } from '@vedette/runtime';
import type { FastifyInstance, FastifyPluginAsync, RouteOptions } from 'fastify';
import { paperProcesses } from '../../../../tests/support/processes.ts';
import { LocalTimes } from '../access/local-time.ts';
import { type ProviderSignIn, providerRoutes } from '../access/oidc/provider-routes.ts';
import { type Access, openAccess } from '../access/open-access.ts';
import { PasswordHasher } from '../access/password-hasher.ts';
import { signInRoutes } from '../access/sign-in-routes.ts';
import { tokenRoutes } from '../access/token-routes.ts';
import { userRoutes } from '../access/user-routes.ts';
import { DEFAULT_LIMITS } from '../admission/admit-view.ts';
import { limitRoutes } from '../admission/limit-routes.ts';
import { LimitsBook } from '../admission/limits-book.ts';
import { LimitsStore } from '../admission/limits-store.ts';
import type { MailOptions } from '../alerts/mail-sender.ts';
import { type Alerts, openAlerts } from '../alerts/open-alerts.ts';
import { openAnalytics } from '../analytics/open-analytics.ts';
import { openAudit } from '../audit/open-audit.ts';
import type { Database } from '../database/database.ts';
import { openTestDatabase } from '../database/test-database.ts';
import { EventBus } from '../events/event-bus.ts';
import { IncidentBook } from '../incidents/incident-book.ts';
import { IncidentStore } from '../incidents/incident-store.ts';
import { PolicyStore } from '../policy/policy-store.ts';
import type { ProbeStream, ReadOnvif } from '../registry/camera-prober.ts';
import { openRegistry, type Registry } from '../registry/open-registry.ts';
import { ProbeFailure } from '../registry/probe-failure.ts';
import { openKeys } from '../registry/secrets/open-keys.ts';
import type { AskStream } from '../registry/stream-prober.ts';
import { FolderSecrets } from '../secrets/folder-secrets.ts';
import { StoredViewAccess } from '../sessions/stored-view-access.ts';
import { MemorySharedState } from '../state/memory-shared-state.ts';
import { CachedCameraCatalog } from '../streams/cached-camera-catalog.ts';
import { createViewing } from '../streams/create-viewing.ts';
import { tenantRoutes } from '../tenants/tenant-routes.ts';
import { TenantStore } from '../tenants/tenant-store.ts';
import { MediaTokenIssuer } from '../tokens/media-token-issuer.ts';
import { createApp } from './create-app.ts';
import type { ReadinessCheck } from './health-routes.ts';
import { IdempotencyStore } from './idempotency-store.ts';

export const TEST_ADMIN_TOKEN = 'the-administrators-token';
export const TEST_PASSWORD = 'correct horse battery';
const COOKIE = 'vedette-test';

export interface TestApp extends AsyncDisposable {
  readonly app: FastifyInstance;
  /** Of the dashboard's files. */
  readonly folder: string;
  readonly database: Database;
  readonly access: Access;
  readonly registry: Registry;
  readonly alerts: Alerts;
  readonly bus: EventBus;
  /** Headers of a user of that role, signed in by cookie, with the CSRF token. */
  signedIn(role: Role): Promise<Record<string, string>>;
  readonly admin: Record<string, string>;
}

const refuse = async () => {
  throw new ProbeFailure('camera_refused', 'connect');
};

/** Not encapsulated, so that it hears what its siblings register. */
function hear(onRoute: ((route: RouteOptions) => void) | undefined): FastifyPluginAsync {
  const plugin: FastifyPluginAsync = async (app) => {
    app.addHook('onRoute', (route) => onRoute?.(route));
  };
  return Object.assign(plugin, { [Symbol.for('skip-override')]: true });
}

/** For tests: the control plane's HTTP side over a database in memory, asked by `inject`. */
export async function openTestApp(
  options: {
    /** One that is open already, and stays open; it has the users. */
    database?: Database;
    checks?: readonly ReadinessCheck[];
    api?: readonly FastifyPluginAsync[];
    /** Hears every route of the API and of /. */
    onRoute?: (route: RouteOptions) => void;
    readOnvif?: ReadOnvif;
    probeStream?: ProbeStream;
    askStream?: AskStream;
    mail?: MailOptions;
    /** Identity provider. */
    provider?: (access: Access) => ProviderSignIn;
  } = {},
): Promise<TestApp> {
  const folder = mkdtempSync(join(tmpdir(), 'vedette-app-'));
  const database = options.database ?? (await openTestDatabase());
  const dashboardFolder = join(folder, 'dashboard');
  mkdirSync(dashboardFolder);
  const bus = new EventBus();
  const clock = systemClock;
  const times = new LocalTimes();
  const tenants = new TenantStore({ database });
  const idempotency = new IdempotencyStore({ database });
  const access = openAccess({
    database,
    adminToken: TEST_ADMIN_TOKEN,
    hasher: new PasswordHasher({ cost: { memoryCost: 64, timeCost: 1, parallelism: 1 } }),
    clock: systemClock,
  });
  const processes = paperProcesses({ bus });
  const registry = openRegistry({
    notes: processes.notes,
    duty: processes.duty,
    database,
    keys: await openKeys({
      database,
      dataDir: folder,
      masterKey: undefined,
      vault: undefined,
      isShared: false,
      clock,
    }),
    tenants: async () => (await tenants.list()).map(({ id }) => id),
    rules: new AddressRules({ networks: undefined, ownAddresses: () => [], ownPorts: [] }),
    resolve: async () => ['10.0.0.1'],
    httpHosts: new AllowedHosts(['radio.example']),
    scanNetworks: ['10.0.0.0/24'],
    readOnvif: options.readOnvif ?? refuse,
    probeStream: options.probeStream ?? refuse,
    askStream: options.askStream ?? refuse,
    bus,
    times,
    clock,
    random: () => 0.5,
    log: silentLog(),
  });
  const secrets = new FolderSecrets({ dataDir: folder });
  const audit = await openAudit({ database, dataDir: folder, secrets, clock: systemClock, log: silentLog() });
  const analytics = openAnalytics({ database, audit: audit.store, clock, log: silentLog() });
  const state = new MemorySharedState();
  const limitsStore = new LimitsStore({ database });
  const incidentStore = new IncidentStore({ database });
  const limits = new LimitsBook({ store: limitsStore, clock, log: silentLog() });
  const catalog = new CachedCameraCatalog({ source: registry.catalog, bus });
  const viewing = createViewing({
    bus,
    state,
    catalog,
    keyFrames: registry.keyFrames,
    policies: new PolicyStore({ database }),
    incidents: {
      store: incidentStore,
      book: new IncidentBook({ store: incidentStore, clock, log: silentLog() }),
      idempotency,
    },
    times,
    pathNames: registry.catalog,
    access: new StoredViewAccess({ ...access, catalog, times, clock }),
    identify: (credentials, address) => access.pathIdentity.identify(credentials, address),
    tokens: await MediaTokenIssuer.open({ secrets, clock: systemClock }),
    limits: DEFAULT_LIMITS,
    limitsOf: (tenantId) => limits.of(tenantId),
    budgets: registry.organisation,
    nodeToken: 'a-token-of-a-node',
    iceServers: () => [],
    allowedOrigins: [],
    processes,
    peerUrl: undefined,
    refuses: async () => false,
    knownNodes: [],
    onKnownNodes: () => undefined,
    metrics: createMetrics(),
    audit: audit.log,
    viewLog: analytics.viewLog,
    clock: systemClock,
    log: silentLog(),
  });
  const alerts = openAlerts({
    duty: processes.duty,
    database,
    bus,
    onHealth: (listener) => registry.health.onChange(listener),
    siteFacts: (siteId) => registry.health.siteFacts(siteId),
    siteName: async (tenantId, siteId) =>
      (await registry.organisation.sites(tenantId)).find(({ id }) => id === siteId)?.name,
    camerasOn: (nodeId) => viewing.camerasOn(nodeId),
    catalog,
    envelope: registry.envelope,
    webhookHosts: new AllowedHosts(['hooks.example', '127.0.0.1']),
    resolve: async () => ['127.0.0.1'],
    mail: options.mail,
    clock,
    random: () => 0.5,
    log: silentLog(),
  });
  const app = await createApp({
    log: silentLog(),
    version: '0.0.0',
    tls: undefined,
    publicUrl: 'http://localhost:8080',
    mediaOrigins: () => ['http://localhost:8081'],
    authenticator: access.authenticator,
    cookieName: COOKIE,
    checks: options.checks ?? [],
    metrics: createMetrics(),
    audit: audit.log,
    dashboardFolder,
    api: [
      signInRoutes({
        ...access,
        tenantName: async (id) => (await tenants.get(id))?.name ?? id,
        cookie: { name: COOKIE, secure: false },
      }),
      providerRoutes({
        ...access,
        provider: options.provider?.(access),
        cookie: { name: COOKIE, secure: false },
      }),
      userRoutes({ ...access, tenants, idempotency }),
      tokenRoutes({ ...access, idempotency }),
      tenantRoutes({ tenants, idempotency }),
      limitRoutes({ store: limitsStore, book: limits, state }),
      audit.routes,
      alerts.routes,
      analytics.routes,
      ...registry.routes({ status: () => ({ state: 'idle', reason: 'waiting_for_viewer', viewers: 0 }) }),
      ...viewing.api,
      ...(options.api ?? []),
    ],
    root: [hear(options.onRoute), ...viewing.root],
  });
  const passwordHash = await access.hasher.hash(TEST_PASSWORD);
  for (const role of options.database === undefined ? Role.options : [])
    await access.users.create({
      name: role,
      role,
      tenantId: HOME_TENANT,
      grants: ALL_CAMERAS,
      passwordHash,
      disabled: false,
    });
  return {
    app,
    folder: dashboardFolder,
    database,
    access,
    registry,
    alerts,
    bus,
    admin: { authorization: `Bearer ${TEST_ADMIN_TOKEN}` },
    async signedIn(role) {
      const answer = await app.inject({
        method: 'POST',
        url: '/api/v1/sign-in',
        payload: { name: role, password: TEST_PASSWORD },
      });
      const cookie = answer.cookies.find(({ name }) => name === COOKIE)?.value ?? '';
      return { cookie: `${COOKIE}=${cookie}`, 'x-csrf-token': answer.json().csrfToken };
    },
    async [Symbol.asyncDispose]() {
      await alerts.close();
      registry.close();
      await viewing.close();
      await app.close();
      await analytics.close();
      await audit.close();
      if (options.database === undefined) await database.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
