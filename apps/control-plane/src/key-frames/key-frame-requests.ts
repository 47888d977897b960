// Enters: the reports of nodes. Leaves: a request to the camera for each stream that plays and has no key frame yet.
// Most cameras send one when a client plays: they are given time to. A request before PLAY would be wasted.
// Not its job: how a camera is asked (KeyFramePort), and waiting for it: no start ever does.
import type { NodeId, NodeReport, StreamPath } from '@vedette/contracts';
import type { Clock, Log } from '@vedette/runtime';
import type { KeyFramePort } from './key-frame-port.ts';

export interface KeyFrameRequestsOptions {
  readonly port: KeyFramePort;
  readonly clock: Pick<Clock, 'after' | 'now'>;
  readonly log: Log;
}

/** Longer than the longest usual time between two pictures, shorter than any group of pictures worth asking about. */
const PATIENCE_MS = 150;

export class KeyFrameRequests {
  readonly #options: KeyFrameRequestsOptions;
  /** Streams that wait for their key frame; aborted once they need it no more. */
  readonly #waiting = new Map<NodeId, Map<StreamPath, AbortController>>();

  constructor(options: KeyFrameRequestsOptions) {
    this.#options = options;
  }

  /** One request each time that a stream begins to wait. */
  reported(nodeId: NodeId, { streams }: Pick<NodeReport, 'streams'>): void {
    const before = this.#waiting.get(nodeId);
    const now = new Map<StreamPath, AbortController>();
    for (const stream of streams) {
      if (stream.reason !== 'waiting_for_key_frame') continue;
      now.set(stream.path, before?.get(stream.path) ?? this.#begin(stream));
    }
    for (const [path, wait] of before ?? []) if (!now.has(path)) wait.abort();
    if (now.size === 0) this.#waiting.delete(nodeId);
    else this.#waiting.set(nodeId, now);
  }

  lost(nodeId: NodeId): void {
    this.reported(nodeId, { streams: [] });
  }

  close(): void {
    for (const nodeId of [...this.#waiting.keys()]) this.lost(nodeId);
  }

  #begin(stream: NodeReport['streams'][number]): AbortController {
    const wait = new AbortController();
    const cancel = this.#options.clock.after(PATIENCE_MS, () => void this.#ask(stream, wait.signal));
    wait.signal.addEventListener('abort', cancel, { once: true });
    return wait;
  }

  async #ask({ cameraId, path, profile }: NodeReport['streams'][number], signal: AbortSignal): Promise<void> {
    const { clock, log, port } = this.#options;
    const begunAt = clock.now();
    try {
      const outcome = await port.ask(cameraId, profile, signal);
      if (outcome === 'asked')
        log.debug({ cameraId, path, elapsedMs: Math.round(clock.now() - begunAt) }, 'key frame asked for');
    } catch (err) {
      if (!signal.aborted) log.debug({ err, cameraId, path }, 'the camera gave no key frame on request');
    }
  }
}
