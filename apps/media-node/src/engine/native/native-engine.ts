// Enters: the whole set of desired streams; viewers, through the ways out. Leaves: what runs, who watches, who left.
// Not its job: HTTP, tokens, talking to control.
import type {
  DesiredStream,
  NodeId,
  ReasonCode,
  RevokedView,
  SessionId,
  StreamPath,
  StreamState,
} from '@vedette/contracts';
import type { Clock } from '@vedette/runtime';
import { StreamHub } from '../../hub/stream-hub.ts';
import { FenceMemory } from '../fence-memory.ts';
import type { Traffic } from '../load-meter.ts';
import type { EngineObservation, MediaEngine } from '../media-engine.ts';
import { ViewRegistry } from '../view-registry.ts';
import type { StartOutput } from './stream-outputs.ts';
import { type StartSource, StreamSlot } from './stream-slot.ts';

export interface NativeEngineOptions {
  readonly clock: Clock;
  readonly startSource: StartSource;
  readonly startOutput: StartOutput;
  /** Called before each frame and each join, so that nothing from before a standstill of this process gets through. */
  readonly checkStandstill?: () => void;
  /** How many other nodes take a stream of this one; none when absent. */
  readonly takersOf?: (path: StreamPath) => number;
  readonly onSubscriberError: (path: StreamPath, subscriberId: string, error: unknown) => void;
}

const DORMANCY_CHECK_MS = 250;

export class NativeEngine implements MediaEngine {
  readonly views: ViewRegistry;
  readonly #options: NativeEngineOptions;
  readonly #slots = new Map<StreamPath, StreamSlot>();
  readonly #fences = new FenceMemory();
  readonly #listeners = new Set<() => void>();
  readonly #closing = new Set<Promise<void>>();
  #controlConnected = true;
  #held = false;
  #cancelDormancyCheck: (() => void) | undefined;
  #bytesInBefore = 0;

  constructor(options: NativeEngineOptions) {
    this.#options = options;
    this.views = new ViewRegistry({ clock: options.clock, onChange: () => this.#changed() });
  }

  apply(desired: readonly DesiredStream[]): void {
    const wanted = new Set<StreamPath>();
    for (const stream of desired) {
      wanted.add(stream.path);
      if (!this.#fences.passes(stream, (path) => this.#slots.has(path))) continue;
      const slot = this.#slots.get(stream.path);
      if (slot === undefined) this.#slots.set(stream.path, this.#open(stream));
      else if (JSON.stringify(stream) !== JSON.stringify(slot.desired)) slot.update(stream);
    }
    for (const [path, slot] of this.#slots) {
      if (!wanted.has(path)) this.#drop(path, slot);
    }
    this.#changed();
  }

  /** A stream for a viewer to subscribe to, its source woken; undefined when control does not want it here, or may not. */
  stream(path: string): StreamSlot | undefined {
    this.#options.checkStandstill?.();
    if (this.#held) return undefined;
    const slot = this.#slots.get(path as StreamPath);
    slot?.wake();
    return slot;
  }

  /** The same without waking its source. */
  known(path: string): StreamSlot | undefined {
    return this.#slots.get(path as StreamPath);
  }

  observe(): EngineObservation {
    return {
      streams: this.streams(),
      sessions: this.views.sessions(),
      ended: this.views.drainEnded(),
    };
  }

  /** As in `observe`, without taking the ended views away from who reports them. */
  streams(): StreamState[] {
    return [...this.#slots.values()].map((slot) => slot.state());
  }

  revoke(views: readonly RevokedView[]): void {
    for (const { sessionId } of views) this.views.close(sessionId, 'revoked');
  }

  close(sessionId: SessionId, reason: ReasonCode): void {
    this.views.close(sessionId, reason);
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  setControlConnected(connected: boolean): void {
    if (connected === this.#controlConnected) return;
    this.#controlConnected = connected;
    this.#cancelDormancyCheck?.();
    this.#cancelDormancyCheck = undefined;
    for (const slot of this.#slots.values()) {
      // What control still wants is pulled again; what it does not, its next desired state drops.
      if (connected) slot.wake();
      else slot.watchedUntilNow();
    }
    if (!connected) this.#checkDormancy();
  }

  hold(): void {
    if (this.#held) return;
    this.#held = true;
    for (const slot of this.#slots.values()) slot.hold();
    this.#changed();
  }

  resume(): void {
    if (!this.#held) return;
    this.#held = false;
    for (const slot of this.#slots.values()) slot.resume();
    this.#changed();
  }

  /** Running totals for the load report. */
  traffic(): Omit<Traffic, 'ffmpeg'> {
    let bytesIn = this.#bytesInBefore;
    for (const slot of this.#slots.values()) bytesIn += slot.hub.stats().bytesIn;
    return {
      bytesIn,
      bytesOut: this.views.bytesSent(),
      webrtcViewers: this.views.count('webrtc'),
      hlsViewers: this.views.count('hls'),
      rtspViewers: this.views.count('rtsp'),
    };
  }

  async shutdown(): Promise<void> {
    this.#cancelDormancyCheck?.();
    for (const slot of this.#slots.values()) this.#track(slot.close('shutting_down'));
    this.#slots.clear();
    await Promise.allSettled(this.#closing);
  }

  #open(desired: DesiredStream): StreamSlot {
    const hub = new StreamHub({
      clock: this.#options.clock,
      onSubscriberError: (id, error) => this.#options.onSubscriberError(desired.path, id, error),
    });
    return new StreamSlot({
      desired,
      hub,
      startSource: this.#options.startSource,
      startOutput: this.#options.startOutput,
      clock: this.#options.clock,
      watchers: () => this.#watchersOf(desired.path),
      isHeld: this.#held,
      beforeFrame: this.#options.checkStandstill ?? (() => undefined),
      onChange: () => this.#changed(),
    });
  }

  #drop(path: StreamPath, slot: StreamSlot): void {
    this.#slots.delete(path);
    this.#bytesInBefore += slot.hub.stats().bytesIn;
    this.#track(slot.close('stream_dropped'));
  }

  /** Keeps a closing stream in sight, so that shutdown waits for its goodbye to the camera. */
  #track(closing: Promise<void>): void {
    this.#closing.add(closing);
    void closing.finally(() => this.#closing.delete(closing));
  }

  #checkDormancy(): void {
    for (const slot of this.#slots.values()) slot.sleepWhenUnwatched();
    this.#cancelDormancyCheck = this.#options.clock.after(DORMANCY_CHECK_MS, () => this.#checkDormancy());
  }

  /** A node that hands streams on to us has come back: what fails for the want of it is tried now. */
  wakeTakenFrom(nodeId: NodeId): void {
    if (this.#held) return;
    for (const slot of this.#slots.values()) {
      const { source } = slot.desired;
      if (source.kind === 'relay' && source.from === nodeId) slot.wake();
    }
  }

  /** Whoever watches a rendition watches what it is made from; nodes that take it have viewers of their own. */
  #watchersOf(path: StreamPath): number {
    const direct = (of: StreamPath) => this.views.viewersOf(of) + (this.#options.takersOf?.(of) ?? 0);
    let watchers = direct(path);
    for (const { desired } of this.#slots.values()) {
      if (desired.source.kind !== 'rendition' || desired.source.of !== path) continue;
      watchers += desired.pull === 'always-on' ? 1 : direct(desired.path);
    }
    return watchers;
  }

  #changed(): void {
    for (const listener of this.#listeners) listener();
  }
}
