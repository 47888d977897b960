// Enters: the desired streams of this node, whole, as often as it changes. Leaves: what runs, who watches, who left.
// Not its job: talking to control (agent/), deciding what should run.
import type {
  DesiredStream,
  EndedSession,
  NodeSession,
  ReasonCode,
  RevokedView,
  SessionId,
  StreamState,
} from '@vedette/contracts';

/** What an engine sees of itself at one moment. */
export interface EngineObservation {
  /** Every stream that was applied, running or waiting. */
  readonly streams: StreamState[];
  readonly sessions: NodeSession[];
  /** Views that ended since the last call; each is told once. */
  readonly ended: EndedSession[];
}

/** Runs streams and their viewers. Level-triggered: repeating or losing a call does no harm. */
export interface MediaEngine {
  /** The whole set that should exist: what is missing is created and pulled at once, what is not named is dropped. */
  apply(desired: readonly DesiredStream[]): void;
  observe(): EngineObservation;
  /** Ends these views now and lets none of them come back before its time. Adds to earlier calls. */
  revoke(views: readonly RevokedView[]): void;
  /** Ends one view; no-op when it does not exist. */
  close(sessionId: SessionId, reason: ReasonCode): void;
  /** Calls back when a stream's health or a session changed; the returned function stops that. */
  onChange(listener: () => void): () => void;
  /** With control away, running streams go on; one without viewers closes its source after its idle time. */
  setControlConnected(connected: boolean): void;
  /**
   * Pulls nothing and shows nothing from now on, though all that is applied stays: this process stood still for
   * longer than its lease, and others may have taken over. May be repeated.
   */
  hold(): void;
  /** Control has said anew what runs here: goes on with what was applied last. No-op unless held. */
  resume(): void;
  shutdown(): Promise<void>;
}
