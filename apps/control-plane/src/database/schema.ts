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
    passwordHash: text('password_hash').notNull(),
    disabled: boolean('disabled').notNull().default(false),
    createdAt: moment('created_at').notNull(),
    updatedAt: moment('updated_at').notNull(),
  },
  (table) => [uniqueIndex('users_name_key').on(table.nameKey)],
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
    createdAt: moment('created_at').notNull(),
    updatedAt: moment('updated_at').notNull(),
  },
  (table) => [index('cameras_by_name').on(sql`lower(${table.name}) collate "C"`, table.id)],
);

/** Remembers which camera a repeated `Idempotency-Key` has created already. */
export const idempotencyKeys = pgTable(
  'idempotency_keys',
  {
    principalId: text('principal_id').notNull(),
    key: text('key').notNull(),
    requestHash: text('request_hash').notNull(),
    cameraId: text('camera_id').notNull(),
    createdAt: moment('created_at').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.principalId, table.key] }),
    index('idempotency_keys_created').on(table.createdAt),
  ],
);

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
    actorId: text('actor_id'),
    cameraId: text('camera_id'),
    sessionId: text('session_id'),
  },
  (table) => [
    primaryKey({ columns: [table.writer, table.seq] }),
    index('audit_records_at').on(table.at, table.writer, table.seq),
    index('audit_records_camera').on(table.cameraId, table.at),
    index('audit_records_actor').on(table.actorId, table.at),
  ],
);

/** Heads of all chains at a moment, signed; two processes never make the same one. */
export const auditSeals = pgTable('audit_seals', {
  seq: integer('seq').primaryKey(),
  at: bigint('at', { mode: 'number' }).notNull(),
  heads: jsonb('heads').$type<unknown>().notNull(),
  previous: text('previous').notNull(),
  hash: text('hash').notNull(),
  signature: text('signature').notNull(),
});
