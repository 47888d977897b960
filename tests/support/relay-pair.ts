// Two nodes' halves of a relay, A that hands streams on and B that takes them, with what control would have told both.
// Not its job: where A's streams come from.
import { NodeId, type ReasonCode, StreamPath } from '@vedette/contracts';
import type { EncodedFrame, FrameSink, Track } from '@vedette/media-types';
import { type Clock, silentLog, systemClock } from '@vedette/runtime';
import { type RelayableStream, RelayOut } from '../../apps/media-node/src/egress/relay/relay-out.ts';
import { StreamHub } from '../../apps/media-node/src/hub/stream-hub.ts';
import { RelaySource } from '../../apps/media-node/src/ingest/relay/relay-source.ts';
import { RelayLinks } from '../../apps/media-node/src/relay/relay-links.ts';

const A = NodeId.parse('node-a');
const B = NodeId.parse('node-b');

/** Who opens the connection between them. */
export type Opens = 'taker' | 'giver';

export interface RelayPairOptions {
  readonly opens?: Opens;
  readonly clock?: Clock;
  /** By which A judges how long media has waited; the same when absent. */
  readonly waitingClock?: Pick<Clock, 'now'>;
  /** Something on the way that the dialling side has to go through; answers its own port. */
  readonly through?: (port: number) => Promise<number>;
}

export class RelayedHub implements RelayableStream {
  readonly hub = new StreamHub();
  reported: ReturnType<RelayableStream['state']> = { health: 'live', reason: 'live' };
  state() {
    return this.reported;
  }
}

export class RelayPair implements AsyncDisposable {
  readonly streams = new Map<string, RelayedHub>();
  /** Paths that were asked for, in order. */
  readonly asked: string[] = [];
  readonly out: RelayOut;
  readonly giver: RelayLinks;
  readonly taker: RelayLinks;
  readonly #clock: Clock;

  private constructor(parts: { giver: RelayLinks; taker: RelayLinks; out: RelayOut; clock: Clock }) {
    this.giver = parts.giver;
    this.taker = parts.taker;
    this.out = parts.out;
    this.#clock = parts.clock;
  }

  static async open(options: RelayPairOptions = {}): Promise<RelayPair> {
    const { clock = systemClock, opens = 'taker', through = async (port: number) => port } = options;
    const { waitingClock = clock } = options;
    const out: RelayOut = new RelayOut({ lookup: (path) => pair.streams.get(path), clock: waitingClock });
    const common = { publicHost: '127.0.0.1', clock, random: Math.random, log: silentLog() };
    const listen = { host: '127.0.0.1', port: 0 };
    const giver = await RelayLinks.open({
      ...common,
      nodeId: A,
      listen: opens === 'taker' ? listen : undefined,
      give(path, stream, to) {
        pair.asked.push(path);
        out.give(path, stream, to);
      },
      onOffered: () => undefined,
    });
    const taker = await RelayLinks.open({
      ...common,
      nodeId: B,
      listen: opens === 'giver' ? listen : undefined,
      give: (_path, stream) => stream.respond({ ':status': 404 }, { endStream: true }),
      onOffered: () => undefined,
    });
    const reached = async ({ identity }: RelayLinks) =>
      identity.address === undefined
        ? identity
        : { ...identity, address: { ...identity.address, port: await through(identity.address.port) } };
    const pair: RelayPair = new RelayPair({ giver, taker, out, clock });
    taker.peers.update([{ nodeId: A, ...(await reached(giver)), offer: false }]);
    giver.peers.update([{ nodeId: B, ...(await reached(taker)), offer: opens === 'giver' }]);
    return pair;
  }

  /** A stream of A, there from now on. */
  stream(path: string): RelayedHub {
    const stream = this.streams.get(path) ?? new RelayedHub();
    this.streams.set(path, stream);
    return stream;
  }

  source(
    path: string,
    firstTicks?: number,
    onWaiting: (reason: ReasonCode) => void = () => undefined,
  ): RelaySource {
    return new RelaySource({
      source: { kind: 'relay', from: A, path: StreamPath.parse(path) },
      links: this.taker,
      clock: this.#clock,
      firstTicks,
      onPlaying: () => undefined,
      onWaiting,
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.giver.close();
    await this.taker.close();
  }
}

/** What a source hands out, and how it ended. */
export class Taken implements FrameSink, AsyncDisposable {
  readonly trackCalls: (readonly Track[])[] = [];
  readonly frames: EncodedFrame[] = [];
  failure: unknown;
  isOver = false;
  readonly done: Promise<void>;
  readonly #stop = new AbortController();

  constructor(source: { run(sink: FrameSink, signal: AbortSignal): Promise<void> }) {
    this.done = source
      .run(this, this.#stop.signal)
      .catch((error: unknown) => {
        this.failure = error;
      })
      .finally(() => {
        this.isOver = true;
      });
  }

  tracks(tracks: readonly Track[]): void {
    this.trackCalls.push(tracks);
  }

  frame(frame: EncodedFrame): void {
    this.frames.push(frame);
  }

  stop(): Promise<void> {
    this.#stop.abort();
    return this.done;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }
}
