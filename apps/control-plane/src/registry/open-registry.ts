// Wires the registry room: cameras, their secrets, and whoever asks them what they offer.
import { CameraId, type TenantId } from '@vedette/contracts';
import type { AddressRules, AllowedHosts, Clock, Log } from '@vedette/runtime';
import type { FastifyPluginAsync } from 'fastify';
import type { LocalTimes } from '../access/local-time.ts';
import { AlertStore } from '../alerts/alert-store.ts';
import { TargetShelf } from '../alerts/target-shelf.ts';
import type { Database } from '../database/database.ts';
import type { EventBus } from '../events/event-bus.ts';
import { IdempotencyStore } from '../http/idempotency-store.ts';
import type { KeyFramePort } from '../key-frames/key-frame-port.ts';
import type { Processes } from '../processes/open-processes.ts';
import { SharedSecretShelf } from '../secrets/shared-secret-shelf.ts';
import { SharedSecretStore } from '../secrets/shared-secret-store.ts';
import { CameraCredentials } from './camera-credentials.ts';
import { CameraGate } from './camera-gate.ts';
import { CameraOutputs } from './camera-outputs.ts';
import { CameraProber, type ProbeStream, type ReadOnvif } from './camera-prober.ts';
import type { CameraRecord } from './camera-record.ts';
import { cameraRoutes } from './camera-routes.ts';
import { CameraService } from './camera-service.ts';
import type { CameraStatusPort } from './camera-status.ts';
import { CameraStore } from './camera-store.ts';
import { DailyReading } from './daily-reading.ts';
import { scanAddresses } from './discovery/address-scanner.ts';
import { discoveryRoutes } from './discovery/discovery-routes.ts';
import { DiscoveryService } from './discovery/discovery-service.ts';
import { ipv4Interfaces, probeNetwork } from './discovery/multicast-prober.ts';
import { type AskCamera, HealthChecker } from './health/health-checker.ts';
import { HistoryQueue } from './health/history-queue.ts';
import { historyRoutes } from './health/history-routes.ts';
import { HistoryStore } from './health/history-store.ts';
import { CameraImport } from './import/camera-import.ts';
import { importRoutes } from './import/import-routes.ts';
import { LastKnownCatalog } from './last-known-catalog.ts';
import { SynchronizationPoints } from './onvif/synchronization-points.ts';
import { organisationRoutes } from './organisation/organisation-routes.ts';
import { OrganisationStore } from './organisation/organisation-store.ts';
import { probeRoutes } from './probe-routes.ts';
import { ProfileReader } from './profile-reader.ts';
import { profileRoutes } from './profile-routes.ts';
import { statusOf } from './reading-status.ts';
import { RegistryCatalog, rtspSourceOf } from './registry-catalog.ts';
import { CameraShelf } from './secrets/camera-shelf.ts';
import type { Envelope } from './secrets/envelope.ts';
import { keyRoutes } from './secrets/key-routes.ts';
import type { Keys } from './secrets/open-keys.ts';
import { KeyRotator } from './secrets/rotation.ts';
import { CameraSnapshots } from './snapshots/camera-snapshots.ts';
import { fetchSnapshot } from './snapshots/fetch-snapshot.ts';
import { snapshotRoutes } from './snapshots/snapshot-routes.ts';
import { type Resolve, SourceCheck } from './source-check.ts';
import type { AskStream } from './stream-prober.ts';

export interface Registry {
  readonly store: CameraStore;
  readonly organisation: OrganisationStore;
  /** Whether cameras that nobody watches are there. */
  readonly health: HealthChecker;
  /** Seals what is secret, for this room and others. */
  readonly envelope: Envelope;
  /** What of it somebody may see. */
  readonly gate: CameraGate;
  readonly cameras: CameraService;
  /** For the streams. */
  readonly catalog: LastKnownCatalog;
  readonly keyFrames: KeyFramePort;
  /** Under /api/v1; `status` tells how the streams of a camera are doing. */
  routes(status: CameraStatusPort): readonly FastifyPluginAsync[];
  /** Takes up cameras whose profiles are not known yet. */
  start(): Promise<void>;
  close(): void;
}

export interface RegistryOptions {
  readonly database: Database;
  readonly keys: Keys;
  readonly tenants: () => Promise<readonly TenantId[]>;
  readonly rules: Pick<AddressRules, 'refusal'>;
  readonly resolve: Resolve;
  /** Where HTTP and radio sources may be. */
  readonly httpHosts: AllowedHosts;
  /** CIDRs that may be searched for devices. */
  readonly scanNetworks: readonly string[];
  readonly readOnvif: ReadOnvif;
  readonly probeStream: ProbeStream;
  readonly askStream: AskStream;
  readonly bus: EventBus;
  readonly notes: Processes['notes'];
  /** What one control process does for all. */
  readonly duty: Processes['duty'];
  readonly times: LocalTimes;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
}

export function openRegistry(options: RegistryOptions): Registry {
  const { database, rules, resolve, httpHosts, bus, log } = options;
  const { envelope, store: keyStore, tenantKeys } = options.keys;
  const credentials = new CameraCredentials({ envelope });
  const store = new CameraStore({ database });
  const sourceCheck = new SourceCheck({ rules, resolve, httpHosts });
  const outputs = new CameraOutputs({ envelope, sourceCheck });
  const prober = new CameraProber(options);
  const reader = new ProfileReader({ ...options, store, credentials, prober });
  const cameras = new CameraService({
    store,
    credentials,
    outputs,
    sourceCheck,
    bus,
    readProfiles: (camera) => reader.read(camera),
  });
  const rotator = new KeyRotator({
    keys: tenantKeys,
    store: keyStore,
    shelves: [
      new CameraShelf({ store, envelope, log }),
      new TargetShelf({ store: new AlertStore({ database }), envelope, log }),
      new SharedSecretShelf({ store: new SharedSecretStore({ database }), envelope }),
    ],
    tenants: options.tenants,
    log,
  });
  const organisation = new OrganisationStore({ database });
  const gate = new CameraGate({ store, organisation, times: options.times, clock: options.clock });
  const imports = new CameraImport({ store, cameras, gate, credentials, sourceCheck });
  const discoveries = new DiscoveryService({
    interfaces: ipv4Interfaces,
    probeNetwork,
    scanAddresses,
    scanNetworks: options.scanNetworks,
    rules,
    knownHosts: (tenantId) => store.hosts(tenantId),
    clock: options.clock,
  });
  const snapshots = new CameraSnapshots({
    credentials,
    fetch: (target, signal) => fetchSnapshot(options, target, signal),
    clock: options.clock,
  });
  const history = new HistoryStore({ database });
  const kept = new HistoryQueue({ store: history, clock: options.clock, log });
  const health = new HealthChecker({
    cameras: () => store.all(),
    ask: (camera, signal) => askCamera(camera, signal),
    history: kept,
    bus,
    isMine: () => options.duty.isMine,
    onAsked: (cameraId, { atMs, failure }) =>
      options.notes.tell({ kind: 'asked', cameraId, atMs, failure: failure ?? null }),
    clock: options.clock,
    log,
  });
  const askCamera: AskCamera = async (camera, signal) => {
    const { profiles, source } = camera;
    const main = profiles.find(({ name }) => name === 'main');
    if (main === undefined || (source.kind !== 'rtsp' && source.kind !== 'onvif')) return;
    const password = await credentials.open(camera);
    await options.askStream(rtspSourceOf({ source }, main, password), signal);
  };
  const daily = new DailyReading({
    cameras: () => store.all(),
    isAway: (id) => health.asked(id)?.failure !== undefined || reader.state(id) !== undefined,
    read: (camera) => reader.read(camera),
    isMine: () => options.duty.isMine,
    clock: options.clock,
    log,
  });
  const stops = [
    options.notes.onNote((note) => {
      if (note.kind !== 'asked') return;
      health.heard(note.cameraId, { atMs: note.atMs, failure: note.failure ?? undefined });
    }),
    options.duty.onTaken(() => {
      reader
        .takeUp()
        .catch((err: unknown) => log.error({ err }, 'cameras that were never read are not known now'));
    }),
  ];
  const catalog = new LastKnownCatalog({
    source: new RegistryCatalog({ store, credentials, outputs, log }),
    bus,
    database,
    clock: options.clock,
    log,
  });
  const stateOf = (camera: CameraRecord, status: CameraStatusPort) =>
    statusOf(camera, status.status(camera.id), reader.state(camera.id), health.asked(camera.id)?.failure);
  return {
    store,
    health,
    envelope,
    organisation,
    gate,
    cameras,
    catalog,
    keyFrames: new SynchronizationPoints({ ...options, store, credentials }),
    routes: (status) => [
      importRoutes({
        store,
        gate,
        imports,
        status: (camera) => stateOf(camera, status),
      }),
      cameraRoutes({
        store,
        gate,
        cameras,
        status: (camera) => stateOf(camera, status),
      }),
      organisationRoutes({
        organisation,
        idempotency: new IdempotencyStore({ database }),
        camerasOn: (tenantId, host) => store.countOn(tenantId, host),
        onMoved(ids) {
          for (const id of ids) bus.publish({ type: 'camera.changed', cameraId: CameraId.parse(id) });
        },
      }),
      probeRoutes({ store, gate, credentials, sourceCheck, prober, bus }),
      discoveryRoutes({ discoveries }),
      snapshotRoutes({ gate, snapshots, clock: options.clock }),
      profileRoutes({ store, gate, read: (camera) => reader.read(camera) }),
      keyRoutes({ rotator }),
      historyRoutes({
        gate,
        history,
        checker: health,
        status: (camera) => stateOf(camera, status),
        clock: options.clock,
      }),
    ],
    async start() {
      await reader.start();
      await health.start();
      daily.start();
      if (database.isRemote) catalog.start();
      rotator.resume().catch((err: unknown) => log.error({ err }, 'keys could not be looked at'));
    },
    close() {
      for (const stop of stops) stop();
      void rotator.close();
      tenantKeys.close();
      reader.close();
      daily.close();
      catalog.close();
      health.close();
      void kept.close();
      snapshots.close();
      discoveries.close();
    },
  };
}
