// Composition root of the control plane: the only file that names implementations and opens a port.
import { join } from 'node:path';
import {
  AddressRules,
  AllowedHosts,
  createLog,
  createMetrics,
  iceServersFor,
  type Log,
  newId,
  runUntilSignal,
  SettingsError,
  systemClock,
  VedetteError,
} from '@vedette/runtime';
import { ensureFirstAdministrator } from './access/first-administrator.ts';
import { LocalTimes } from './access/local-time.ts';
import { openProvider } from './access/oidc/open-provider.ts';
import { providerRoutes } from './access/oidc/provider-routes.ts';
import { openAccess } from './access/open-access.ts';
import { PasswordHasher } from './access/password-hasher.ts';
import { signInRoutes } from './access/sign-in-routes.ts';
import { tokenRoutes } from './access/token-routes.ts';
import { userRoutes } from './access/user-routes.ts';
import { DEFAULT_LIMITS } from './admission/admit-view.ts';
import { limitRoutes } from './admission/limit-routes.ts';
import { LimitsBook } from './admission/limits-book.ts';
import { LimitsStore } from './admission/limits-store.ts';
import { openAlerts } from './alerts/open-alerts.ts';
import { openAnalytics } from './analytics/open-analytics.ts';
import { openAudit } from './audit/open-audit.ts';
import { type ControlConfig, ownAddresses, readConfig } from './config.ts';
import { DataFolderError, openDataFolder } from './database/data-folder.ts';
import { NewerDatabaseError } from './database/migrations.ts';
import { openDatabase } from './database/open-database.ts';
import { addRecordMetrics } from './database/record-metrics.ts';
import { EventBus } from './events/event-bus.ts';
import { createApp } from './http/create-app.ts';
import { once } from './http/health-routes.ts';
import { IdempotencyStore } from './http/idempotency-store.ts';
import { IncidentBook } from './incidents/incident-book.ts';
import { IncidentStore } from './incidents/incident-store.ts';
import { refusesConnections } from './nodes/dial-node.ts';
import { KnownNodesFile } from './nodes/known-nodes-file.ts';
import { PolicyStore } from './policy/policy-store.ts';
import { openProcesses } from './processes/open-processes.ts';
import { readOnvif } from './registry/onvif/onvif-reader.ts';
import { openRegistry } from './registry/open-registry.ts';
import { MasterKeyError, openKeys } from './registry/secrets/open-keys.ts';
import { systemResolve } from './registry/source-check.ts';
import { streamAsker, streamProber } from './registry/stream-prober.ts';
import { openSecrets } from './secrets/open-secrets.ts';
import { StoredViewAccess } from './sessions/stored-view-access.ts';
import { openState } from './state/open-state.ts';
import { CachedCameraCatalog } from './streams/cached-camera-catalog.ts';
import { createViewing } from './streams/create-viewing.ts';
import { tenantRoutes } from './tenants/tenant-routes.ts';
import { TenantStore } from './tenants/tenant-store.ts';
import { MediaTokenIssuer } from './tokens/media-token-issuer.ts';

const VERSION = '0.1.0';
/** Tells whoever started us that trying again would not help. */
const EXIT_DO_NOT_RESTART = 2;

async function start(config: ControlConfig, log: Log): Promise<() => Promise<void>> {
  await using opened = new AsyncDisposableStack();
  const folder = openDataFolder(config.dataDir);
  opened.defer(() => folder.close());
  const database = await openDatabase({ ...config, log });
  opened.defer(() => database.close());

  const { dataDir } = config;
  const clock = systemClock;
  const bus = new EventBus();
  const times = new LocalTimes();
  const tenants = new TenantStore({ database });
  const idempotency = new IdempotencyStore({ database });
  const metrics = createMetrics();
  const isShared = database.isRemote;
  const keys = await openKeys({ ...config, database, isShared, clock });
  const secrets = openSecrets({ database, dataDir, envelope: keys.envelope, isShared });
  const audit = await openAudit({ database, dataDir, secrets, clock, log });
  opened.defer(() => audit.close());
  addRecordMetrics({ metrics, database, audit: audit.log });
  const analytics = openAnalytics({ database, audit: audit.store, clock, log });
  opened.defer(() => analytics.close());
  const adminToken = config.adminToken ?? (await secrets.token('admin-token'));
  const access = openAccess({ database, adminToken, hasher: new PasswordHasher(), clock });
  await ensureFirstAdministrator({
    dataDir,
    password: config.adminPassword,
    secrets,
    users: access.users,
    hasher: access.hasher,
    onCreated: ({ name, passwordFile }) => log.info({ user: name, passwordFile }, 'first administrator made'),
  });
  const rules = new AddressRules({
    networks: config.sourceNetworks,
    ownAddresses,
    ownPorts: config.ownPorts,
  });
  const shared = await openState({ ...config, clock, log });
  opened.defer(() => shared.close());
  const { board, state } = shared;
  const processes = await openProcesses({
    controlId: newId(),
    board,
    bus,
    clock,
    log,
  });
  opened.use(processes);
  const registry = openRegistry({
    notes: processes.notes,
    duty: processes.duty,
    database,
    keys,
    tenants: async () => (await tenants.list()).map(({ id }) => id),
    rules,
    resolve: systemResolve,
    httpHosts: new AllowedHosts(config.httpSourceHosts),
    scanNetworks: config.scanNetworks,
    readOnvif,
    probeStream: streamProber({ rules, resolve: systemResolve, clock }),
    askStream: streamAsker({ rules, resolve: systemResolve, clock }),
    bus,
    times,
    clock,
    random: Math.random,
    log,
  });
  const limitsStore = new LimitsStore({ database });
  const incidentStore = new IncidentStore({ database });
  const limits = new LimitsBook({ store: limitsStore, clock, log });
  const catalog = new CachedCameraCatalog({ source: registry.catalog, bus });
  const knownNodes = new KnownNodesFile({ file: join(dataDir, 'nodes.json') });
  const viewing = createViewing({
    bus,
    state,
    catalog,
    keyFrames: registry.keyFrames,
    policies: new PolicyStore({ database }),
    incidents: {
      store: incidentStore,
      book: new IncidentBook({ store: incidentStore, clock, log }),
      idempotency,
    },
    times,
    pathNames: registry.catalog,
    access: new StoredViewAccess({ ...access, catalog, times, clock }),
    identify: (credentials, address) => access.pathIdentity.identify(credentials, address),
    tokens: await MediaTokenIssuer.open({ secrets, clock }),
    limits: { ...DEFAULT_LIMITS, pressure: config.pressure },
    limitsOf: (tenantId) => limits.of(tenantId),
    budgets: registry.organisation,
    nodeToken: config.nodeToken ?? (await secrets.token('node-token')),
    iceServers: (userId, site) => iceServersFor(config.iceServers, userId, clock.wallNow(), site),
    allowedOrigins: [new URL(config.publicUrl).origin, ...config.allowedOrigins],
    processes,
    peerUrl: config.peerUrl,
    refuses: refusesConnections,
    knownNodes: knownNodes.read(),
    onKnownNodes: (nodes) => knownNodes.write(nodes),
    metrics,
    audit: audit.log,
    viewLog: analytics.viewLog,
    clock,
    log,
  });
  opened.defer(() => viewing.close());
  opened.defer(() => registry.close());
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
    webhookHosts: new AllowedHosts(config.webhookHosts),
    resolve: systemResolve,
    mail: config.mail,
    clock,
    random: Math.random,
    log,
  });
  opened.defer(() => alerts.close());
  opened.defer(
    access.accounts.onRevoked((id) => {
      viewing.endViewsOfUser(id).catch((err) => log.error({ err }, 'views of a user could not be ended'));
    }),
  );
  opened.defer(
    access.accounts.onNarrowed((id) => {
      viewing
        .reviewViewsOfUser(id)
        .catch((err) => log.error({ err }, 'views of a user could not be reviewed'));
    }),
  );
  opened.defer(
    processes.notes.onNote((note) => {
      if (note.kind === 'rights') access.forget(note.userId);
    }),
  );
  const mediaOrigins = config.nodePublicUrl === undefined ? [] : [new URL(config.nodePublicUrl).origin];

  const provider =
    config.provider === undefined
      ? undefined
      : openProvider({
          config: config.provider,
          access,
          publicUrl: config.publicUrl,
          secret: adminToken,
          log,
        });
  const app = await createApp({
    log,
    version: VERSION,
    tls: config.tls,
    publicUrl: config.publicUrl,
    trustedProxies: config.trustedProxies,
    mediaOrigins: () => [...new Set([...mediaOrigins, ...viewing.mediaOrigins()])],
    authenticator: access.authenticator,
    cookieName: config.cookie.name,
    checks: [
      once({ name: 'database', ready: () => registry.store.count().then(() => true) }),
      { name: 'a media node', ready: () => viewing.hasNode() },
      once({
        name: 'all cameras listed',
        ready: async () => (await registry.store.count()) >= config.expectedCameras,
      }),
    ],
    dispensable: [{ name: 'database', isAway: () => database.isAway }],
    metrics,
    audit: audit.log,
    dashboardFolder: config.dashboardFolder,
    api: [
      signInRoutes({
        ...access,
        tenantName: async (id) => (await tenants.get(id))?.name ?? id,
        cookie: config.cookie,
      }),
      providerRoutes({ ...access, provider, cookie: config.cookie }),
      userRoutes({ ...access, tenants, idempotency }),
      tokenRoutes({ ...access, idempotency }),
      tenantRoutes({ tenants, idempotency }),
      limitRoutes({ store: limitsStore, book: limits, state }),
      audit.routes,
      alerts.routes,
      analytics.routes,
      ...registry.routes(viewing.cameras),
      ...viewing.api,
    ],
    root: [...viewing.root],
  });
  opened.defer(() => app.close());
  await viewing.start();
  analytics.watchLog.start();
  alerts.start();
  await registry.start();
  await app.listen({ host: config.bind, port: config.httpPort });
  log.info({ url: config.publicUrl }, 'control is listening');
  const all = opened.move();
  return () => all.disposeAsync();
}

/** What a person must change before another start can succeed. */
function isHopeless(error: unknown): boolean {
  return (
    error instanceof DataFolderError ||
    error instanceof NewerDatabaseError ||
    error instanceof SettingsError ||
    error instanceof MasterKeyError ||
    (error as NodeJS.ErrnoException).code === 'EADDRINUSE' ||
    (error as NodeJS.ErrnoException).code === 'EACCES'
  );
}

let config: ControlConfig;
try {
  config = readConfig(process.env);
} catch (error) {
  if (!(error instanceof SettingsError)) throw error;
  console.error(error.message);
  process.exit(EXIT_DO_NOT_RESTART);
}
const log = createLog({ name: 'control', level: config.logLevel });
try {
  await runUntilSignal(await start(config, log));
} catch (error) {
  if (isHopeless(error) || error instanceof VedetteError) log.error((error as Error).message);
  else log.error({ err: error }, 'control could not start');
  process.exit(isHopeless(error) ? EXIT_DO_NOT_RESTART : 1);
}
