import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createMetrics, silentLog, systemClock } from '@vedette/runtime';
import type { FastifyInstance, FastifyPluginAsync } from 'fastify';
import { type Access, openAccess } from '../access/open-access.ts';
import { signInRoutes } from '../access/sign-in-routes.ts';
import { tokenRoutes } from '../access/token-routes.ts';
import { userRoutes } from '../access/user-routes.ts';
import { openTestDatabase } from '../database/test-database.ts';
import { EventBus } from '../events/event-bus.ts';
import { AddressRules } from '../registry/address-rules.ts';
import { cameraRoutes } from '../registry/camera-routes.ts';
import { openRegistry, type Registry } from '../registry/open-registry.ts';
import { createApp } from './create-app.ts';
import type { ReadinessCheck } from './health-routes.ts';

export const TEST_ADMIN_TOKEN = 'the-administrators-token';
export const TEST_PASSWORD = 'correct horse battery';
const COOKIE = 'vedette-test';

export interface TestApp extends AsyncDisposable {
  readonly app: FastifyInstance;
  readonly access: Access;
  readonly registry: Registry;
  readonly bus: EventBus;
  /** Headers of a user of that role, signed in by cookie, with the CSRF token. */
  signedIn(role: 'admin' | 'operator' | 'viewer'): Promise<Record<string, string>>;
  readonly admin: Record<string, string>;
}

/** For tests: the control plane's HTTP side over a database in memory, asked by `inject`. */
export async function openTestApp(
  options: { checks?: readonly ReadinessCheck[]; api?: readonly FastifyPluginAsync[] } = {},
): Promise<TestApp> {
  const folder = mkdtempSync(join(tmpdir(), 'vedette-app-'));
  const database = await openTestDatabase();
  const bus = new EventBus();
  const access = openAccess({ database, adminToken: TEST_ADMIN_TOKEN, clock: systemClock });
  const registry = openRegistry({
    database,
    dataDir: folder,
    masterKey: undefined,
    rules: new AddressRules({ networks: undefined, ownAddresses: () => [], ownPorts: [] }),
    resolve: async () => ['10.0.0.1'],
    bus,
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
    dashboardFolder: folder,
    api: [
      signInRoutes({ ...access, cookie: { name: COOKIE, secure: false } }),
      userRoutes(access),
      tokenRoutes(access),
      cameraRoutes({
        ...registry,
        status: { status: () => ({ state: 'idle', reason: 'waiting_for_viewer', viewers: 0 }) },
      }),
      ...(options.api ?? []),
    ],
    root: [],
  });
  const passwordHash = await access.hasher.hash(TEST_PASSWORD);
  for (const role of ['admin', 'operator', 'viewer'] as const)
    await access.users.create({ name: role, role, passwordHash, disabled: false });
  return {
    app,
    access,
    registry,
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
      await app.close();
      await database.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
