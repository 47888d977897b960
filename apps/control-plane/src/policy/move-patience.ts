import type { SessionId } from '@vedette/contracts';

interface Known {
  readonly begunAt: number;
  wanted: string | undefined;
  looks: number;
  moved: boolean;
}

/** So many looks in a row must want the same. */
const LOOKS = 3;
/** A view stays as it is at least so long. */
const MIN_STAY_MS = 30_000;

/** Says when a view that should run otherwise is to be moved: never twice, never in haste. Monotonic ms. */
export class MovePatience {
  readonly #known = new Map<SessionId, Known>();

  began(sessionId: SessionId, now: number): void {
    this.#known.set(sessionId, { begunAt: now, wanted: undefined, looks: 0, moved: false });
  }

  forget(sessionId: SessionId): void {
    this.#known.delete(sessionId);
  }

  /** `wanted` is another way than the present one, or undefined. A change of the rules need not be seen three times. */
  says(
    sessionId: SessionId,
    wanted: string | undefined,
    look: { readonly now: number; readonly why: 'rules' | 'load' },
  ): boolean {
    const known = this.#known.get(sessionId);
    if (known === undefined || known.moved) return false;
    known.looks = wanted === undefined ? 0 : wanted === known.wanted ? known.looks + 1 : 1;
    known.wanted = wanted;
    if (wanted === undefined) return false;
    const isPatient = look.now - known.begunAt >= MIN_STAY_MS && known.looks >= LOOKS;
    if (!isPatient && look.why === 'load') return false;
    known.moved = true;
    return true;
  }
}
