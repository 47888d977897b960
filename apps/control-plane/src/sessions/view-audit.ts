// Writes down who watched what, how and why, from where, for how long, and who was refused.
import {
  type AuditEvent,
  type CameraId,
  HOME_TENANT,
  type ReasonCode,
  type StartAnswer,
  type StartRequest,
  type TenantId,
  type UserId,
} from '@vedette/contracts';
import type { Principal } from '../access/principal.ts';
import { type AuditPort, actorOf } from '../audit/audit-request.ts';
import type { EndedView } from '../state/shared-state.ts';

interface ViewAuditOptions {
  readonly audit: AuditPort;
  /** What the camera is called now, and whose it is; undefined when it is gone. */
  readonly camera: (
    cameraId: CameraId,
  ) => Promise<{ readonly name: string; readonly tenantId: TenantId } | undefined>;
  readonly userName: (userId: UserId) => Promise<string | undefined>;
}

export interface Asked {
  readonly principal: Principal;
  readonly cameraId: CameraId;
  readonly clientAddress: string | null;
  readonly requestId: string;
  readonly request: Pick<StartRequest, 'reason'>;
}

export class ViewAudit {
  readonly #options: ViewAuditOptions;

  constructor(options: ViewAuditOptions) {
    this.#options = options;
  }

  granted(asked: Asked, { decision, node, profile, protocol, sessionId }: StartAnswer): void {
    const data = {
      protocol,
      profile,
      node,
      rules: decision.map(({ result, rule, step }) => ({ step, rule, result })),
      // A case number, or why somebody wanted to see it.
      ...(asked.request.reason === undefined ? {} : { statedReason: asked.request.reason }),
    };
    this.#write(asked.cameraId, { ...about(asked, 'view-started'), sessionId, data });
  }

  refused(asked: Asked, reason: ReasonCode): void {
    this.#write(asked.cameraId, { ...about(asked, 'view-refused'), sessionId: null, data: { reason } });
  }

  ended({ endedAtMs, reason, view }: EndedView): void {
    const { cameraId, nodeId, profile, protocol, sessionId, startedAtMs, state, userId } = view;
    const seconds = Math.max(0, Math.round((endedAtMs - startedAtMs) / 100) / 10);
    void this.#options
      .userName(userId)
      .catch(() => undefined)
      .then((name) =>
        this.#write(cameraId, {
          kind: 'view-ended',
          actor: { kind: 'user', id: userId, name: name ?? userId },
          clientAddress: null,
          requestId: null,
          cameraId,
          sessionId,
          data: { reason, protocol, profile, node: nodeId, seconds, connected: state === 'connected' },
        }),
      );
  }

  /** With the name that the camera has at this time: it may be called otherwise when somebody reads. */
  #write(cameraId: CameraId, event: Omit<AuditEvent, 'at' | 'tenantId'> & { tenantId?: TenantId }): void {
    void this.#options
      .camera(cameraId)
      .catch(() => undefined)
      .then((camera) => {
        const tenantId = event.tenantId ?? camera?.tenantId ?? HOME_TENANT;
        // Somebody who asks for a camera of another tenant is not told what it is called.
        const names = camera?.tenantId === tenantId ? { cameraName: camera.name } : {};
        this.#options.audit.append({ ...event, tenantId, data: { ...names, ...event.data } });
      });
  }
}

function about({ cameraId, clientAddress, principal, requestId }: Asked, kind: AuditEvent['kind']) {
  return {
    kind,
    tenantId: principal.tenantId,
    actor: actorOf(principal),
    clientAddress,
    requestId,
    cameraId,
  };
}
