import { type AuditEvent, type AuditKind, HOME_TENANT, type TenantId } from '@vedette/contracts';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { PRINCIPAL, type Principal } from '../access/principal.ts';

/** Takes note of what was done; nobody waits for it. */
export interface AuditPort {
  append(event: Omit<AuditEvent, 'at'>): void;
}

/** What a handler knows of what it has just done; who asked, and from where, the request knows. */
export interface Done {
  readonly kind: AuditKind;
  /** Where it is not who the request comes from, such as somebody who has just signed in. */
  readonly actor?: AuditEvent['actor'];
  /** Where it is not that of who asks. */
  readonly tenantId?: TenantId;
  readonly cameraId?: string;
  readonly sessionId?: string;
  /** Never a secret. */
  readonly data?: AuditEvent['data'];
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Writes down that this request has done something. */
    audit(done: Done): void;
  }
}

export function addAudit(app: FastifyInstance, audit: AuditPort): void {
  app.decorateRequest('audit', function (this: FastifyRequest, done: Done) {
    const principal = this.getDecorator<Principal | null>(PRINCIPAL);
    audit.append({
      kind: done.kind,
      tenantId: done.tenantId ?? principal?.tenantId ?? HOME_TENANT,
      actor: done.actor ?? (principal === null ? null : actorOf(principal)),
      clientAddress: this.clientAddress,
      requestId: this.id,
      cameraId: done.cameraId ?? null,
      sessionId: done.sessionId ?? null,
      data: done.data ?? {},
    });
  });
}

export function actorOf({ id, kind, name }: Principal): NonNullable<AuditEvent['actor']> {
  return { kind, id, name };
}
