import { z } from 'zod';
import { HOME_TENANT, TenantId } from './ids.ts';

/** What is written down for ever. A closed set: nothing else is an audit event. */
export const AuditKind = z.enum([
  'signed-in',
  'sign-in-refused',
  'signed-out',
  'password-changed',
  'view-started',
  'view-ended',
  'view-refused',
  'view-revoked',
  'camera-created',
  'camera-changed',
  'camera-deleted',
  'camera-probed',
  'cameras-imported',
  'cameras-exported',
  'discovery-begun',
  'user-created',
  'user-changed',
  'user-deleted',
  'token-created',
  'token-revoked',
  'tenant-created',
  'tenant-changed',
  'tenant-deleted',
  'site-created',
  'site-changed',
  'site-deleted',
  'group-created',
  'group-changed',
  'group-deleted',
  'recorder-created',
  'recorder-changed',
  'recorder-deleted',
  'alert-target-created',
  'alert-target-changed',
  'alert-target-deleted',
  'keys-rotated',
  'limits-changed',
  'policy-changed',
  'audit-exported',
  'incident-begun',
  'incident-ended',
  'alarm-raised',
  'node-drain-begun',
  'node-drain-ended',
]);
export type AuditKind = z.infer<typeof AuditKind>;

/** One event, as a person reads it. `data` never holds a secret. */
export const AuditEvent = z.object({
  kind: AuditKind,
  /** Ms since the Unix epoch. */
  at: z.number(),
  /** Whose it is: of the person, else of the camera; of the first tenant where neither is known. */
  tenantId: TenantId.default(HOME_TENANT),
  /** Who did it; null for what the system did by itself, or a person who is not known. */
  actor: z.object({ kind: z.enum(['user', 'token']), id: z.string(), name: z.string() }).nullable(),
  /** Address that the request, or the player, came from. */
  clientAddress: z.string().nullable().default(null),
  requestId: z.string().nullable(),
  cameraId: z.string().nullable(),
  sessionId: z.string().nullable(),
  data: z.record(z.string(), z.unknown()),
});
export type AuditEvent = z.infer<typeof AuditEvent>;

/** SHA-256 in hexadecimal. */
export const AuditHash = z.string().regex(/^[0-9a-f]{64}$/);

/** An event in its chain: `hash` covers the writer, the number, the text of the event and the hash before it. */
export const AuditRecord = z.object({
  /** One life of one control process writes one chain. */
  writer: z.string(),
  /** 1, 2, 3, … without a gap. */
  seq: z.int(),
  /** JSON of an AuditEvent, kept as it was hashed. */
  event: z.string(),
  previous: AuditHash,
  hash: AuditHash,
});
export type AuditRecord = z.infer<typeof AuditRecord>;

/** Where a chain stood at a moment. */
export const AuditHead = z.object({ writer: z.string(), seq: z.int(), hash: AuditHash });
export type AuditHead = z.infer<typeof AuditHead>;

/** Heads of all chains, signed together, each seal naming the one before it. */
export const AuditSeal = z.object({
  seq: z.int(),
  at: z.number(),
  heads: z.array(AuditHead),
  previous: AuditHash,
  hash: AuditHash,
  /** Ed25519 over `hash`, base64url. */
  signature: z.string(),
});
export type AuditSeal = z.infer<typeof AuditSeal>;

/** GET /api/v1/audit item. */
export const AuditEntry = AuditEvent.extend({ writer: z.string(), seq: z.int(), hash: AuditHash });
export type AuditEntry = z.infer<typeof AuditEntry>;

/** GET /api/v1/audit/verify: whether what is stored is what was written. */
export const AuditVerdict = z.object({
  records: z.int(),
  chains: z.int(),
  seals: z.int(),
  /** Records after the newest seal: their chain is checked, but nobody has signed for them yet. */
  unsealed: z.int(),
  /**
   * Processes that have ended without closing their chain, or cannot reach the database: so many records at least are
   * on their disk alone, and come when they do. None is missing for that.
   */
  undelivered: z
    .array(
      z.object({
        writer: z.string(),
        /** Name of the machine. */
        host: z.string(),
        /** As far as it has said; 0: it may have none. */
        records: z.int(),
        lastHeardAt: z.iso.datetime(),
      }),
    )
    .default([]),
  /** The first hundred places where what is stored is not what was written. */
  faults: z.array(z.object({ where: z.string(), what: z.string() })),
});
export type AuditVerdict = z.infer<typeof AuditVerdict>;
