// Enters: where a stream should be sent to. Leaves: one sender each, started, kept and stopped as that changes.
import type { OutputTarget, StreamState } from '@vedette/contracts';
import type { StreamHub } from '../../hub/stream-hub.ts';

/** A sender that keeps itself running until it is stopped. */
export interface RunningOutput {
  state(): Omit<StreamState['outputs'][number], 'id'>;
  stop(): Promise<void>;
}

export type StartOutput = (target: OutputTarget, hub: StreamHub, onChange: () => void) => RunningOutput;

interface Sender {
  readonly target: OutputTarget;
  readonly output: RunningOutput;
}

export class StreamOutputs {
  readonly #hub: StreamHub;
  readonly #start: StartOutput;
  readonly #onChange: () => void;
  #senders: readonly Sender[] = [];

  constructor(options: {
    readonly hub: StreamHub;
    readonly start: StartOutput;
    readonly onChange: () => void;
  }) {
    this.#hub = options.hub;
    this.#start = options.start;
    this.#onChange = options.onChange;
  }

  update(targets: readonly OutputTarget[]): void {
    const wanted = new Map(targets.map((target) => [JSON.stringify(target), target]));
    const kept = this.#senders.filter(({ target }) => wanted.delete(JSON.stringify(target)));
    for (const sender of this.#senders) if (!kept.includes(sender)) void sender.output.stop();
    const begun = [...wanted.values()].map((target) => ({
      target,
      output: this.#start(target, this.#hub, this.#onChange),
    }));
    this.#senders = [...kept, ...begun];
  }

  states(): StreamState['outputs'] {
    return this.#senders.map(({ output, target }) => ({ id: target.id, ...output.state() }));
  }

  async close(): Promise<void> {
    const senders = this.#senders;
    this.#senders = [];
    await Promise.all(senders.map(({ output }) => output.stop()));
  }
}
