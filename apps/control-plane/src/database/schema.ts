import { sql } from 'drizzle-orm';
import {
  bigint,
  boolean,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  timestamp,
  uniqueIndex,
} from 'drizzle-orm/pg-core';

const moment = (name: string) => timestamp(name, { withTimezone: true, mode: 'date', precision: 3 });

/** JSON columns are `unknown` here on purpose: a store parses what it reads with the zod schema it wrote by. */
export const users = pgTable(
  'users',
  {
    id: text('id').primaryKey(),
    name: text('name').notNull(),
    /** The name as it is looked up: lower case, so that Anna and anna are one person. */
    nameKey: text('name_key').notNull(),
    role: text('role').notNull(),
    tenantId: text('tenant_id').notNull().default('home'),
    /** Which cameras, as the schema Grant says; all of the tenant by default. */
    grants: jsonb('grants')
      .$type<unknown>()
      .notNull()
      .default([{ scope: { kind: 'all' } }]),
    /** Issuer and subject of whoever signs in through an identity provider. */
    externalId: text('external_id'),
    passwordHash: text('password_hash').notNull(),
    disabled: boolean('disabled').notNull().default(false),
    createdAt: moment('created_at').notNull(),
    updatedAt: moment('updated_at').notNull(),
  },
  (table) => [
    uniqueIndex('users_name_key').on(table.nameKey),
    uniqueIndex('users_external_id').on(table.externalId),
    index('users_tenant').on(table.tenantId, table.nameKey),
  ],
);

/** Whose cameras, people and rules these are; the first one is `home`. */
export const tenants = pgTable('tenants', {
  id: text('id').primaryKey(),
  name: text('name').notNull(),
  createdAt: moment('created_at').notNull(),
});

/** Data keys of a tenant, each wrapped by a master key; the newest that is not retired seals. */
export const tenantKeys = pgTable(
  'tenant_keys',
  {
    tenantId: text('tenant_id').notNull(),
    version: integer('version').notNull(),
    /** Which master key wrapped it. */
    keyId: text('key_id').notNull(),
    wrapped: text('wrapped').notNull(),
    createdAt: moment('created_at').notNull(),
    retiredAt: moment('retired_at'),
  },
  (table) => [primaryKey({ columns: [table.tenantId, table.version] })],
);

export const sites = pgTable(
  'sites',
  {
    id: text('id').primaryKey(),
    tenantId: text('tenant_id').notNull(),
    name: text('name').notNull(),
    /** IANA name. */
    timeZone: text('time_zone').notNull(),
    /** Streams that its line bears at once; null: as many as are asked for. */
    maxPulls: integer('max_pulls'),
    createdAt: moment('created_at').notNull(),
  },
  (table) => [uniqueIndex('sites_name').on(table.tenantId, sql`lower(${table.name})`)],
);

export const cameraGroups = pgTable(
  'camera_groups',
  {
    id: text('id').primaryKey(),
    tenantId: text('tenant_id').notNull(),
    name: text('name').notNull(),
    createdAt: moment('created_at').notNull(),
  },
  (table) => [uniqueIndex('camera_groups_name').on(table.tenantId, sql`lower(${table.name})`)],
);

/** Devices that carry several cameras and bear so many connections in all; known by the host of the sources. */
export const recorders = pgTable(
  'recorders',
  {
    id: text('id').primaryKey(),
    tenantId: text('tenant_id').notNull(),
    name: text('name').notNull(),
    host: text('host').notNull(),
    maxConnections: integer('max_connections').notNull(),
    createdAt: moment('created_at').notNull(),
  },
  (table) => [uniqueIndex('recorders_host').on(table.tenantId, table.host)],
);

/** One row a signed-in browser; the cookie's secret is kept as its SHA-256 only. */
export const signIns = pgTable(
  'sign_ins',
  {
    id: text('id').primaryKey(),
    userId: text('user_id')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    secretHash: text('secret_hash').notNull(),
    createdAt: moment('created_at').notNull(),
    lastSeenAt: moment('last_seen_at').notNull(),
    expiresAt: moment('expires_at').notNull(),
    address: text('address').notNull(),
    userAgent: text('user_agent').notNull(),
  },
  (table) => [
    uniqueIndex('sign_ins_secret_hash').on(table.secretHash),
    index('sign_ins_user').on(table.userId),
  ],
);

export const apiTokens = pgTable(
  'api_tokens',
  {
    id: text('id').primaryKey(),
    name: text('name').notNull(),
    role: text('role').notNull(),
    tenantId: text('tenant_id').notNull().default('home'),
    grants: jsonb('grants')
      .$type<unknown>()
      .notNull()
      .default([{ scope: { kind: 'all' } }]),
    /** Permissions that it is cut down to; null: all of its role. */
    scopes: jsonb('scopes').$type<unknown>(),
    secretHash: text('secret_hash').notNull(),
    createdBy: text('created_by').notNull(),
    createdAt: moment('created_at').notNull(),
    expiresAt: moment('expires_at'),
    lastUsedAt: moment('last_used_at'),
  },
  (table) => [uniqueIndex('api_tokens_secret_hash').on(table.secretHash)],
);

export const cameras = pgTable(
  'cameras',
  {
    id: text('id').primaryKey(),
    tenantId: text('tenant_id').notNull().default('home'),
    siteId: text('site_id'),
    groupIds: jsonb('group_ids').$type<unknown>().notNull().default([]),
    tags: jsonb('tags').$type<unknown>().notNull().default([]),
    /** 0 the most important, 9 the least. */
    tier: integer('tier').notNull().default(5),
    /** Public name of its streams; null: `cam_{id}`. */
    pathName: text('path_name'),
    /** Connections that the device bears; null: not known to be few. */
    maxConnections: integer('max_connections'),
    /** Looked after while nobody watches it. */
    watched: boolean('watched').notNull().default(true),
    name: text('name').notNull(),
    /** Where pictures come from, without the password. */
    source: jsonb('source').$type<unknown>().notNull(),
    /** Grows when the source changes, so that what was read from the old one is not kept for the new one. */
    sourceRevision: integer('source_revision').notNull(),
    /** The password in its envelope; null when there is none. */
    sealedPassword: jsonb('sealed_password').$type<unknown>(),
    pull: text('pull').notNull(),
    idleTtlSeconds: integer('idle_ttl_seconds').notNull(),
    /** Streams that we make of its main one. */
    renditions: jsonb('renditions').$type<unknown>().notNull().default([]),
    /** Where its main stream is sent to. */
    outputs: jsonb('outputs').$type<unknown>().notNull().default([]),
    /** What the camera was found to offer: one entry a profile with its RTSP URL. */
    profiles: jsonb('profiles').$type<unknown>().notNull(),
    device: jsonb('device').$type<unknown>(),
    /** What an ONVIF device offers in all, and which of it somebody has chosen by hand. */
    onvif: jsonb('onvif').$type<unknown>(),
    createdAt: moment('created_at').notNull(),
    updatedAt: moment('updated_at').notNull(),
  },
  (table) => [
    index('cameras_by_name').on(sql`lower(${table.name}) collate "C"`, table.id),
    index('cameras_by_tenant').on(table.tenantId, sql`lower(${table.name}) collate "C"`, table.id),
    uniqueIndex('cameras_path_name').on(table.pathName),
  ],
);

/** Changes of a camera's state, flapping damped. */
export const cameraHistory = pgTable(
  'camera_history',
  {
    cameraId: text('camera_id')
      .notNull()
      .references(() => cameras.id, { onDelete: 'cascade' }),
    at: moment('at').notNull(),
    state: text('state').notNull(),
    reason: text('reason').notNull(),
  },
  (table) => [primaryKey({ columns: [table.cameraId, table.at] }), index('camera_history_at').on(table.at)],
);

/** How good a camera's streams were found to be, and what was changed at it since. */
export const reportCards = pgTable(
  'report_cards',
  {
    cameraId: text('camera_id')
      .notNull()
      .references(() => cameras.id, { onDelete: 'cascade' }),
    at: moment('at').notNull(),
    card: jsonb('card').$type<unknown>().notNull(),
    /** Settings of the device before a correction; null when none was made. */
    undo: jsonb('undo').$type<unknown>(),
  },
  (table) => [primaryKey({ columns: [table.cameraId, table.at] })],
);

/** Never changed: the newest version of a tenant is the one in force. */
export const policyVersions = pgTable(
  'policy_versions',
  {
    tenantId: text('tenant_id').notNull(),
    version: integer('version').notNull(),
    rules: jsonb('rules').$type<unknown>().notNull(),
    author: text('author').notNull(),
    note: text('note').notNull(),
    createdAt: moment('created_at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.tenantId, table.version] })],
);

export const tenantLimits = pgTable('tenant_limits', {
  tenantId: text('tenant_id').primaryKey(),
  version: integer('version').notNull(),
  limits: jsonb('limits').$type<unknown>().notNull(),
  updatedAt: moment('updated_at').notNull(),
});

export const alertTargets = pgTable('alert_targets', {
  id: text('id').primaryKey(),
  tenantId: text('tenant_id').notNull(),
  name: text('name').notNull(),
  /** Webhook or mail, and where to, without secrets. */
  destination: jsonb('destination').$type<unknown>().notNull(),
  sealedSecret: jsonb('sealed_secret').$type<unknown>(),
  /** Kinds of events that it is told of. */
  events: jsonb('events').$type<unknown>().notNull(),
  enabled: boolean('enabled').notNull(),
  createdAt: moment('created_at').notNull(),
});

export const alertDeliveries = pgTable(
  'alert_deliveries',
  {
    id: text('id').primaryKey(),
    targetId: text('target_id')
      .notNull()
      .references(() => alertTargets.id, { onDelete: 'cascade' }),
    tenantId: text('tenant_id').notNull(),
    event: jsonb('event').$type<unknown>().notNull(),
    state: text('state').notNull(),
    attempts: integer('attempts').notNull(),
    nextAt: moment('next_at').notNull(),
    lastError: text('last_error'),
    createdAt: moment('created_at').notNull(),
  },
  (table) => [
    index('alert_deliveries_due').on(table.state, table.nextAt),
    index('alert_deliveries_tenant').on(table.tenantId, table.createdAt),
  ],
);

/** Cameras that matter more than anything else for a while. */
export const incidents = pgTable(
  'incidents',
  {
    id: text('id').primaryKey(),
    tenantId: text('tenant_id').notNull(),
    name: text('name').notNull(),
    cameraIds: jsonb('camera_ids').$type<unknown>().notNull(),
    begunBy: text('begun_by').notNull(),
    begunAt: moment('begun_at').notNull(),
    endsAt: moment('ends_at').notNull(),
    endedAt: moment('ended_at'),
  },
  (table) => [index('incidents_tenant').on(table.tenantId, table.begunAt)],
);

/** One row a view that has ended, for counting; the audit is what proves it. */
export const watchLog = pgTable(
  'watch_log',
  {
    sessionId: text('session_id').primaryKey(),
    tenantId: text('tenant_id').notNull(),
    userId: text('user_id').notNull(),
    cameraId: text('camera_id').notNull(),
    startedAt: moment('started_at').notNull(),
    endedAt: moment('ended_at').notNull(),
    protocol: text('protocol').notNull(),
    profile: text('profile').notNull(),
    /** Seconds of pictures that were delivered. */
    seconds: integer('seconds').notNull(),
    bytesSent: bigint('bytes_sent', { mode: 'number' }).notNull(),
  },
  (table) => [
    index('watch_log_tenant').on(table.tenantId, table.endedAt),
    index('watch_log_camera').on(table.cameraId, table.endedAt),
  ],
);

/** Remembers what a repeated `Idempotency-Key` has created already. */
export const idempotencyKeys = pgTable(
  'idempotency_keys',
  {
    principalId: text('principal_id').notNull(),
    key: text('key').notNull(),
    requestHash: text('request_hash').notNull(),
    /** Id of what was created; of a camera unless `kind` says otherwise. */
    cameraId: text('camera_id').notNull(),
    kind: text('kind').notNull().default('camera'),
    createdAt: moment('created_at').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.principalId, table.key] }),
    index('idempotency_keys_created').on(table.createdAt),
  ],
);

/** What all control processes must agree on and nobody else may know: made once, by whichever came first. */
export const sharedSecrets = pgTable('shared_secrets', {
  name: text('name').primaryKey(),
  sealed: jsonb('sealed').$type<unknown>().notNull(),
  createdAt: moment('created_at').notNull(),
});

/** Never changed and never deleted by us; `event` is kept as the text that was hashed. */
export const auditRecords = pgTable(
  'audit_records',
  {
    writer: text('writer').notNull(),
    seq: integer('seq').notNull(),
    event: text('event').notNull(),
    previous: text('previous').notNull(),
    hash: text('hash').notNull(),
    /** What is searched by, taken from the event; the event is what counts. */
    at: moment('at').notNull(),
    kind: text('kind').notNull(),
    tenantId: text('tenant_id').notNull().default('home'),
    actorId: text('actor_id'),
    cameraId: text('camera_id'),
    sessionId: text('session_id'),
  },
  (table) => [
    primaryKey({ columns: [table.writer, table.seq] }),
    index('audit_records_at').on(table.at, table.writer, table.seq),
    index('audit_records_tenant').on(table.tenantId, table.at),
    index('audit_records_camera').on(table.cameraId, table.at),
    index('audit_records_actor').on(table.actorId, table.at),
    index('audit_records_session').on(table.sessionId),
  ],
);

/** Who writes or wrote a chain, as it last said: what of a chain has not come yet is known by it. */
export const auditWriters = pgTable('audit_writers', {
  writer: text('writer').primaryKey(),
  /** Name of the machine that has the records which have not come. */
  host: text('host').notNull(),
  /** Records that it had made by then, delivered or not. */
  seq: integer('seq').notNull(),
  seenAt: moment('seen_at').notNull(),
  /** It wrote nothing after this; null while it may. */
  closedAt: moment('closed_at'),
});

/** Heads of all chains at a moment, signed; two processes never make the same one. */
export const auditSeals = pgTable('audit_seals', {
  seq: integer('seq').primaryKey(),
  at: bigint('at', { mode: 'number' }).notNull(),
  heads: jsonb('heads').$type<unknown>().notNull(),
  previous: text('previous').notNull(),
  hash: text('hash').notNull(),
  signature: text('signature').notNull(),
});
