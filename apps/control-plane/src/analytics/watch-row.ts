import { AuditEvent, ProfileName, Protocol, SessionId } from '@vedette/contracts';
import { z } from 'zod';
import type { watchLog } from '../database/schema.ts';

export type WatchRow = typeof watchLog.$inferInsert;

/** What the record of an ended view says; older ones say less. */
const EndedView = z.object({
  kind: z.literal('view-ended'),
  at: z.number().optional(),
  tenantId: AuditEvent.shape.tenantId,
  actor: z.object({ id: z.string() }),
  cameraId: z.string(),
  sessionId: SessionId,
  data: z.object({
    connected: z.literal(true),
    protocol: Protocol,
    profile: ProfileName,
    seconds: z.number().nonnegative(),
    startedAt: z.iso.datetime().optional(),
    endedAt: z.iso.datetime().optional(),
    connectedSeconds: z.number().nonnegative().optional(),
    pictureSeconds: z.number().nonnegative().nullish(),
    bytesSent: z.number().nonnegative().optional(),
  }),
});

/** The line of a view in the watch log, from its audit record; undefined when it is none, or never connected. */
export function watchRowOf(event: Omit<AuditEvent, 'at'> & { readonly at?: number }): WatchRow | undefined {
  const parsed = EndedView.safeParse(event);
  if (!parsed.success) return undefined;
  const { actor, at, cameraId, data, sessionId, tenantId } = parsed.data;
  const endedAt = data.endedAt === undefined ? at : Date.parse(data.endedAt);
  if (endedAt === undefined) return undefined;
  return {
    sessionId,
    tenantId,
    userId: actor.id,
    cameraId,
    startedAt:
      data.startedAt === undefined ? new Date(endedAt - data.seconds * 1000) : new Date(data.startedAt),
    endedAt: new Date(endedAt),
    protocol: data.protocol,
    profile: data.profile,
    seconds: Math.round(data.pictureSeconds ?? data.connectedSeconds ?? data.seconds),
    bytesSent: Math.round(data.bytesSent ?? 0),
  };
}
