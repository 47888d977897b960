// Enters: other nodes that ask for a stream of this one. Leaves: its tracks, the current GOP, and then live frames.
// Not its job: connections between nodes and who may open them (relay/).
import type { ServerHttp2Stream } from 'node:http2';
import type { NodeId } from '@vedette/contracts';
import type { Clock } from '@vedette/runtime';
import type { StreamHub } from '../../hub/stream-hub.ts';
import type { RelayedState } from '../../relay/relay-records.ts';
import { type RelaySent, RelayTaker } from './relay-taker.ts';

/** A stream of this node, as far as handing it on is concerned. */
export interface RelayableStream {
  readonly hub: StreamHub;
  state(): RelayedState;
}

export interface RelayOutOptions {
  /** A stream, its source woken; undefined when it is not here. */
  readonly lookup: (path: string) => RelayableStream | undefined;
  readonly clock: Pick<Clock, 'now'>;
}

interface Taking {
  readonly path: string;
  readonly from: RelayableStream;
  readonly taker: RelayTaker;
  told: string;
}

export class RelayOut {
  readonly #options: RelayOutOptions;
  readonly #takings = new Set<Taking>();
  #bytesBefore = 0;

  constructor(options: RelayOutOptions) {
    this.#options = options;
  }

  /** Bytes handed on since the node began. */
  get bytesSent(): number {
    return [...this.#takings].reduce((sum, { taker }) => sum + taker.sent.bytes, this.#bytesBefore);
  }

  /** Other nodes that take this stream; as long as there are any its camera is needed. */
  takersOf(path: string): number {
    return [...this.#takings].filter((taking) => taking.path === path).length;
  }

  /** Of each node that takes this stream. */
  sent(path: string): readonly RelaySent[] {
    return [...this.#takings].filter((taking) => taking.path === path).map(({ taker }) => taker.sent);
  }

  give(path: string, stream: ServerHttp2Stream, to: NodeId): void {
    const from = this.#options.lookup(path);
    if (from === undefined) {
      stream.respond({ ':status': 404 }, { endStream: true });
      return;
    }
    stream.respond({ ':status': 200 });
    const taker = new RelayTaker({ id: `relay-${to}`, stream, clock: this.#options.clock });
    const taking: Taking = { path, from, taker, told: '' };
    this.#takings.add(taking);
    stream.once('close', () => {
      // A successor of the same node has its place by now.
      if (this.#takings.delete(taking)) this.#bytesBefore += taker.sent.bytes;
      if (![...this.#takings].some((other) => other.taker.id === taker.id && other.from === from))
        from.hub.unsubscribe(taker.id);
    });
    this.#tell(taking);
    from.hub.subscribe(taker, 'gop');
  }

  /** Something about the streams of this node is not as it was. */
  changed(): void {
    for (const taking of this.#takings) this.#tell(taking);
  }

  #tell(taking: Taking): void {
    const { health, reason } = taking.from.state();
    const now = `${health} ${reason}`;
    if (taking.told === now) return;
    taking.told = now;
    taking.taker.state({ health, reason });
  }
}
