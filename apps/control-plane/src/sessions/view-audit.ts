// Enters: views that were granted, refused and ended, what nodes delivered. Leaves: audit records of who watched what,
// how and why, from where, for how long, what really came, and who was refused.
// Not its job: deciding any of it, the chain (audit/).
import {
  type AuditEvent,
  type CameraId,
  type EndedSession,
  HOME_TENANT,
  type NodeSession,
  type ReasonCode,
  type SessionId,
  type StartAnswer,
  type StartRequest,
  type TenantId,
  type UserId,
} from '@vedette/contracts';
import type { Clock } from '@vedette/runtime';
import type { Principal } from '../access/principal.ts';
import { type AuditPort, actorOf } from '../audit/audit-request.ts';
import type { ProcessNote } from '../processes/process-notes.ts';
import type { EndedView, ViewRecord } from '../state/shared-state.ts';
import { type Delivery, deliveryData, deliveryOf, joined, tenths } from './delivery.ts';
import { ViewMemory } from './view-memory.ts';

export type WrittenView = Omit<AuditEvent, 'at'>;

/** What is asked and told about views that were written down. */
export interface ViewLog {
  /** Hears of every view that has ended, as it was written down. */
  ended(event: WrittenView): void;
  /** Whether the end of a view has been written down by an earlier life of this process. */
  wasWritten(sessionId: SessionId): Promise<boolean>;
}

interface ViewAuditOptions {
  readonly audit: AuditPort;
  readonly viewLog: ViewLog;
  /** What the camera is called now, and whose it is; undefined when it is gone. */
  readonly camera: (
    cameraId: CameraId,
  ) => Promise<{ readonly name: string; readonly tenantId: TenantId } | undefined>;
  /** Undefined when there is no such user or token any more. */
  readonly viewer: (userId: UserId) => Promise<AuditEvent['actor'] | undefined>;
  /** As the newest report of its node has it. */
  readonly seen: (view: EndOfView['view']) => NodeSession | undefined;
  /** Tells the other control processes what they would need to write down an end. */
  readonly tell: (note: ViewNote) => void;
  readonly clock: Pick<Clock, 'after'>;
}

/** What one control process knows of a view, and another may have to write down. */
export type ViewNote = Extract<ProcessNote, { kind: 'view-began' | 'on-screen' | 'told' }>;

export interface Asked {
  readonly principal: Principal;
  readonly cameraId: CameraId;
  readonly clientAddress: string | null;
  readonly requestId: string;
  readonly request: StartRequest;
}

export type EndOfView = Pick<EndedView, 'reason' | 'endedAtMs'> & {
  readonly view: Omit<ViewRecord, 'order' | 'granted' | 'connectBeforeMs' | 'counters' | 'tier' | 'path'>;
  /** In the newest report that had it, where that is not the newest of its node. */
  readonly seen?: NodeSession | undefined;
  /** What its node has said of the end already. */
  readonly told?: EndedSession | undefined;
};

interface Names {
  readonly camera: { readonly name: string; readonly tenantId: TenantId } | undefined;
  readonly viewer: AuditEvent['actor'] | undefined;
}

interface OpenEnd {
  readonly end: EndOfView;
  names: Names | undefined;
  delivery: Delivery | undefined;
  /** The node knows of no more than `delivery`. */
  isFinal: boolean;
  /** The node that it ran on may still say exactly what it sent. */
  waits: boolean;
  cancel: () => void;
}

/** A node tells of an end within a second of hearing of it. */
const NODE_TELLS_WITHIN_MS = 3000;
const MAX_OPEN = 20_000;
/** Ends after which no node has anything to say. */
const NOBODY_TELLS: ReadonlySet<ReasonCode> = new Set<ReasonCode>([
  'node_lost',
  'never_connected',
  'start_timeout',
]);

export class ViewAudit {
  readonly #options: ViewAuditOptions;
  readonly #memory = new ViewMemory();
  readonly #open = new Map<SessionId, OpenEnd>();

  constructor(options: ViewAuditOptions) {
    this.#options = options;
  }

  granted(asked: Asked, { decision, node, profile, protocol, sessionId }: StartAnswer): void {
    const { principal, request } = asked;
    const stated = request.reason === undefined ? {} : { statedReason: request.reason };
    const start = {
      actor: actorOf(principal),
      tenantId: principal.tenantId,
      askedFrom: asked.clientAddress,
      rule: decision.find(({ step }) => step === 'policy')?.rule ?? null,
      ...stated,
    };
    this.#memory.began(sessionId, start);
    this.#options.tell({ kind: 'view-began', sessionId, start });
    const rules = decision.map(({ result, rule, step }) => ({ step, rule, result }));
    const data = { protocol, profile, node, ...stated, rules };
    this.#write(asked.cameraId, { ...about(asked, 'view-started'), sessionId, data });
  }

  refused(asked: Asked, reason: ReasonCode): void {
    const { reason: statedReason } = asked.request;
    const data = { reason, ...(statedReason === undefined ? {} : { statedReason }) };
    this.#write(asked.cameraId, { ...about(asked, 'view-refused'), sessionId: null, data });
  }

  /** What a player says of itself, seconds since the start; held against the clock when it is written down. */
  onScreen(sessionId: SessionId, seconds: number): void {
    this.#memory.onScreen(sessionId, seconds);
    this.#options.tell({ kind: 'on-screen', sessionId, seconds });
  }

  /** What another process knows. */
  heard(note: ViewNote): void {
    switch (note.kind) {
      case 'view-began':
        this.#memory.began(note.sessionId, note.start);
        break;
      case 'on-screen':
        this.#memory.onScreen(note.sessionId, note.seconds);
        break;
      case 'told':
        for (const one of note.ended) this.#complete(note.nodeId, one);
        break;
    }
  }

  /** Another process has seen its end, and writes it down. */
  endedElsewhere(sessionId: SessionId): void {
    this.#memory.take(sessionId);
  }

  /** Written down once its node has said what it sent, or has had the time to. */
  ended(end: EndOfView): void {
    const { endedAtMs, reason, told, view } = end;
    const { clock, seen } = this.#options;
    const last = told?.last ?? end.seen ?? seen(view);
    const isFinal = told !== undefined;
    const waits = !isFinal && !NOBODY_TELLS.has(reason) && this.#open.size < MAX_OPEN;
    const delivery = last && deliveryOf(last, told?.endedAt ?? endedAtMs);
    const open: OpenEnd = { end, names: undefined, delivery, isFinal, waits, cancel: () => undefined };
    this.#open.set(view.sessionId, open);
    if (waits)
      open.cancel = clock.after(NODE_TELLS_WITHIN_MS, () => {
        open.waits = false;
        this.#close(open);
      });
    void this.#namesOf(view).then((names) => {
      open.names = names;
      this.#close(open);
    });
  }

  /** A node says how views ended there; `alive` are those that came back, or moved on. */
  async told(nodeId: ViewRecord['nodeId'], ended: readonly EndedSession[], alive: ReadonlySet<SessionId>) {
    const foreign: EndedSession[] = [];
    for (const one of ended) {
      const { endedAt, last, sessionId } = one;
      if (this.#memory.hasLeft(sessionId, endedAt)) continue;
      const open = this.#open.get(sessionId);
      if (alive.has(sessionId)) {
        if (last !== undefined) this.#memory.left(sessionId, endedAt, deliveryOf(last, endedAt));
      } else if (open !== undefined) this.#complete(nodeId, one);
      else if (this.#memory.isOver(sessionId)) foreign.push(one);
      else if (last !== undefined) await this.#recover(nodeId, last, one);
    }
    if (foreign.length > 0) this.#options.tell({ kind: 'told', nodeId, ended: foreign });
  }

  /** What the node sent is known; the record of the end need not wait any more. */
  #complete(nodeId: ViewRecord['nodeId'], { endedAt, last, sessionId }: EndedSession): void {
    const open = this.#open.get(sessionId);
    if (open?.end.view.nodeId !== nodeId) return;
    const delivery = last && deliveryOf(last, endedAt);
    open.delivery = delivery ?? open.delivery;
    open.isFinal = delivery !== undefined;
    open.waits = false;
    this.#close(open);
  }

  /** What waits for a node is written down as far as it is known. */
  close(): void {
    for (const open of [...this.#open.values()]) this.#finish(open);
  }

  /** A view that ended while nobody here knew of it: before a restart, most likely. */
  async #recover(nodeId: ViewRecord['nodeId'], last: NodeSession, told: EndedSession): Promise<void> {
    const { sessionId } = last;
    this.#memory.over(sessionId);
    if (await this.#options.viewLog.wasWritten(sessionId).catch(() => false)) return;
    const view = { ...last, nodeId, startedAtMs: last.connectedAt, state: 'connected' } as const;
    this.ended({ view, reason: told.reason, endedAtMs: told.endedAt, told });
  }

  #close(open: OpenEnd): void {
    if (!open.waits && open.names !== undefined) this.#finish(open);
  }

  #finish({ cancel, delivery, end, isFinal, names }: OpenEnd): void {
    const { endedAtMs, reason, view } = end;
    const { cameraId, nodeId, profile, protocol, sessionId, startedAtMs, state, userId } = view;
    cancel();
    if (!this.#open.delete(sessionId)) return;
    const known = this.#memory.take(sessionId);
    const all = delivery && joined(known.before, delivery);
    const connected = state === 'connected' || all !== undefined;
    const seconds = tenths(Math.max(0, endedAtMs - startedAtMs) / 1000);
    const { camera } = names ?? { camera: undefined };
    const tenantId = known.start?.tenantId ?? camera?.tenantId ?? HOME_TENANT;
    const event: WrittenView = {
      kind: 'view-ended',
      tenantId,
      actor: known.start?.actor ?? names?.viewer ?? { kind: 'user', id: userId, name: userId },
      clientAddress: all?.clientAddress ?? known.start?.askedFrom ?? null,
      requestId: null,
      cameraId,
      sessionId,
      data: {
        ...(camera?.tenantId === tenantId ? { cameraName: camera.name } : {}),
        reason,
        startedAt: new Date(startedAtMs).toISOString(),
        endedAt: new Date(endedAtMs).toISOString(),
        seconds,
        connected,
        protocol,
        protocols: all?.protocols ?? (connected ? [protocol] : []),
        profile,
        node: nodeId,
        ...(all === undefined ? {} : { ...deliveryData(all), figures: isFinal ? 'final' : 'last-report' }),
        onScreenSeconds: known.onScreen === undefined ? null : Math.min(tenths(known.onScreen), seconds),
        ...(known.start === undefined ? {} : { askedFrom: known.start.askedFrom, rule: known.start.rule }),
        ...(known.start?.statedReason === undefined ? {} : { statedReason: known.start.statedReason }),
      },
    };
    this.#options.audit.append(event);
    this.#options.viewLog.ended(event);
  }

  async #namesOf({ cameraId, userId }: EndOfView['view']): Promise<Names> {
    const [camera, viewer] = await Promise.all([
      this.#options.camera(cameraId).catch(() => undefined),
      this.#options.viewer(userId).catch(() => undefined),
    ]);
    return { camera, viewer };
  }

  /** With the name that the camera has at this time: it may be called otherwise when somebody reads. */
  #write(cameraId: CameraId, event: WrittenView): void {
    void this.#options
      .camera(cameraId)
      .catch(() => undefined)
      .then((camera) => {
        // Somebody who asks for a camera of another tenant is not told what it is called.
        const names = camera?.tenantId === event.tenantId ? { cameraName: camera.name } : {};
        this.#options.audit.append({ ...event, data: { ...names, ...event.data } });
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
