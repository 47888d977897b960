import type { CameraId } from '@vedette/contracts';
import type { PlayerState } from '@vedette/player';
import { WallSound } from './wall-sound.ts';

/** To the selected tile: open or close *why this tile?*, try the camera again, listen to it or mute it. */
export type TileCommand = 'why' | 'retry' | 'sound';

/** What tiles tell the wall and the wall tells the selected tile, without drawing the wall anew each time. */
export class WallSignals {
  readonly sound = new WallSound();
  readonly #states = new Map<CameraId, PlayerState>();
  readonly #stateListeners = new Set<() => void>();
  readonly #commandListeners = new Set<(command: TileCommand) => void>();
  readonly #reasonListeners = new Set<() => void>();
  #reason: string | null = null;
  #snapshot: ReadonlyMap<CameraId, PlayerState> = new Map();

  /** A tile's state; undefined once it is gone. */
  report(cameraId: CameraId, state: PlayerState | undefined): void {
    if (state === undefined) this.#states.delete(cameraId);
    else this.#states.set(cameraId, state);
    this.#snapshot = new Map(this.#states);
    for (const listener of this.#stateListeners) listener();
  }

  get states(): ReadonlyMap<CameraId, PlayerState> {
    return this.#snapshot;
  }

  onStates(listener: () => void): () => void {
    this.#stateListeners.add(listener);
    return () => this.#stateListeners.delete(listener);
  }

  /** Case number or reason that was given last, for every camera that asks for one; forgotten with the page. */
  get reason(): string | null {
    return this.#reason;
  }

  giveReason(reason: string): void {
    this.#reason = reason;
    for (const listener of this.#reasonListeners) listener();
  }

  onReason(listener: () => void): () => void {
    this.#reasonListeners.add(listener);
    return () => this.#reasonListeners.delete(listener);
  }

  command(command: TileCommand): void {
    for (const listener of this.#commandListeners) listener(command);
  }

  onCommand(listener: (command: TileCommand) => void): () => void {
    this.#commandListeners.add(listener);
    return () => this.#commandListeners.delete(listener);
  }
}
