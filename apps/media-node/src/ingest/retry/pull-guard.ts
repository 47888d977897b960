import type { ReasonCode } from '@vedette/contracts';

/** Why a pull ended: the reason, and what was being done. */
export interface PullFailure {
  readonly code: ReasonCode;
  readonly step: string | undefined;
}

/** Says when one source may be pulled. Its answers end with `close`. */
export interface PullGuard {
  /** Resolves when the source may be pulled; rejects when aborted. `onBlocked` tells for what others did it waits. */
  due(signal: AbortSignal, onBlocked: (reason: ReasonCode) => void): Promise<void>;
  /** It plays, though no picture may have come yet. */
  answered(): void;
  /** Media has flowed for so long that earlier failures say nothing of the next one. */
  healthy(): void;
  /** Answers the ms until it may be tried again, as far as that is known. */
  failed(failure: PullFailure): number;
  /** Somebody wants pictures. */
  wake(): void;
  close(): void;
}
