import { AuditEvent, type SessionId, TenantId } from '@vedette/contracts';
import { z } from 'zod';
import { type Delivery, joined } from './delivery.ts';

/** What was known at the start of a view and is written down at its end. */
export const StartOfView = z.object({
  actor: AuditEvent.shape.actor,
  tenantId: TenantId,
  askedFrom: z.string().nullable(),
  /** Of the policy. */
  rule: z.string().nullable(),
  statedReason: z.string().optional(),
});
export type StartOfView = z.infer<typeof StartOfView>;

interface KnownView {
  start?: StartOfView;
  /** Of connections that it has left and come back from. */
  before?: Delivery;
  leftAt?: number;
  /** Seconds. */
  onScreen?: number;
}

/** More than may ever run on one control process. The oldest are forgotten: their record then says less. */
const MAX_VIEWS = 50_000;
const MAX_OVER = 20_000;

/** What control keeps of views that run, for the record of their end, and which have ended of late. */
export class ViewMemory {
  readonly #views = new Map<SessionId, KnownView>();
  readonly #over = new Set<SessionId>();

  began(sessionId: SessionId, start: StartOfView): void {
    this.#view(sessionId).start = start;
  }

  /** The most that was ever said counts: messages may overtake each other. */
  onScreen(sessionId: SessionId, seconds: number): void {
    const view = this.#view(sessionId);
    view.onScreen = Math.max(view.onScreen ?? 0, seconds);
  }

  /** Nodes repeat what was not acknowledged. */
  hasLeft(sessionId: SessionId, atMs: number): boolean {
    return (this.#views.get(sessionId)?.leftAt ?? Number.NEGATIVE_INFINITY) >= atMs;
  }

  left(sessionId: SessionId, atMs: number, delivery: Delivery): void {
    const view = this.#view(sessionId);
    view.leftAt = atMs;
    view.before = joined(view.before, delivery);
  }

  isOver(sessionId: SessionId): boolean {
    return this.#over.has(sessionId);
  }

  over(sessionId: SessionId): void {
    keepAtMost(this.#over, MAX_OVER);
    this.#over.add(sessionId);
  }

  /** It is over. */
  take(sessionId: SessionId): Readonly<KnownView> {
    const known = this.#views.get(sessionId) ?? {};
    this.#views.delete(sessionId);
    this.over(sessionId);
    return known;
  }

  #view(sessionId: SessionId): KnownView {
    const known = this.#views.get(sessionId);
    if (known !== undefined) return known;
    keepAtMost(this.#views, MAX_VIEWS);
    const view: KnownView = {};
    this.#views.set(sessionId, view);
    return view;
  }
}

function keepAtMost(
  kept: { size: number; keys(): Iterator<SessionId>; delete(id: SessionId): boolean },
  max: number,
) {
  if (kept.size < max) return;
  const oldest = kept.keys().next();
  if (oldest.done !== true) kept.delete(oldest.value);
}
