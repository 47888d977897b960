import { z } from 'zod';
import { CameraId } from './ids.ts';
import { ReasonCode } from './reason-code.ts';

/** What somebody can be told of. A closed set. */
export const AlertKind = z.enum([
  'camera.offline',
  'camera.online',
  /** It comes and goes: told once, not each time. */
  'camera.unstable',
  'stream.started',
  'stream.stopped',
  'stream.error',
  'node.lost',
  'node.back',
  /** Sent by hand, to see whether it arrives. */
  'test',
]);
export type AlertKind = z.infer<typeof AlertKind>;

/** Body of a webhook, and what a mail is written from. */
export const AlertMessage = z.object({
  /** The same for every attempt: who gets it twice knows. */
  id: z.string(),
  kind: AlertKind,
  at: z.iso.datetime(),
  /** One line that says it all. */
  title: z.string(),
  /** Cameras that it is about; several that went together are one alert. */
  cameras: z.array(z.object({ id: CameraId, name: z.string(), reason: ReasonCode, text: z.string() })),
  node: z.string().nullable(),
});
export type AlertMessage = z.infer<typeof AlertMessage>;

export const AlertDestination = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('webhook'),
    /** On a host of WEBHOOK_HOSTS; without credentials. */
    url: z.url({ protocol: /^https?$/ }).max(2048),
  }),
  z.strictObject({ kind: z.literal('email'), to: z.email().max(320) }),
]);
export type AlertDestination = z.infer<typeof AlertDestination>;

const events = z
  .array(AlertKind.exclude(['test']))
  .min(1)
  .max(20);
const name = z.string().trim().min(1).max(100);

/** POST /api/v1/alert-targets. */
export const AlertTargetInput = z.strictObject({
  name,
  destination: AlertDestination,
  events,
  enabled: z.boolean().default(true),
});
export type AlertTargetInput = z.infer<typeof AlertTargetInput>;

/** PATCH /api/v1/alert-targets/{id}. */
export const AlertTargetChange = z.strictObject({
  name: name.optional(),
  destination: AlertDestination.optional(),
  events: events.optional(),
  enabled: z.boolean().optional(),
});
export type AlertTargetChange = z.infer<typeof AlertTargetChange>;

export const AlertTargetView = z.object({
  id: z.string(),
  name: z.string(),
  destination: AlertDestination,
  events: z.array(AlertKind),
  enabled: z.boolean(),
  createdAt: z.iso.datetime(),
});
export type AlertTargetView = z.infer<typeof AlertTargetView>;

/** Answer 201: the secret that webhooks are signed with is told this once (Standard Webhooks, `whsec_…`). */
export const AlertTargetCreated = AlertTargetView.extend({ secret: z.string().nullable() });
export type AlertTargetCreated = z.infer<typeof AlertTargetCreated>;

/** Answer of POST /api/v1/alert-targets/{id}/test. */
export const AlertTestAnswer = z.object({ delivered: z.boolean(), detail: z.string() });
export type AlertTestAnswer = z.infer<typeof AlertTestAnswer>;

export const DeliveryState = z.enum(['pending', 'done', 'dead']);
export type DeliveryState = z.infer<typeof DeliveryState>;

/** GET /api/v1/alert-deliveries item. */
export const AlertDelivery = z.object({
  id: z.string(),
  targetId: z.string(),
  targetName: z.string(),
  message: AlertMessage,
  state: DeliveryState,
  attempts: z.int(),
  /** Of the last attempt; never holds a secret. */
  lastError: z.string().nullable(),
  nextAt: z.iso.datetime(),
  createdAt: z.iso.datetime(),
});
export type AlertDelivery = z.infer<typeof AlertDelivery>;
