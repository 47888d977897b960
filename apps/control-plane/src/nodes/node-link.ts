// Enters: the messages of one node over one connection. Leaves: welcome, acknowledgements and, while this process leads
// the node, its whole desired state.
// Not its job: sockets and secrets (node-gateway.ts), what a report means (report-intake.ts).
import {
  type ControlMessage,
  type ControlWelcome,
  type DesiredStream,
  NODE_PROTOCOL_VERSION,
  type NodeHello,
  NodeMessage,
  type NodeReport,
  type RevokedView,
} from '@vedette/contracts';
import type { Clock, Log } from '@vedette/runtime';
import type { Confirmations } from './confirmations.ts';

export interface LinkSocket {
  /** Calls back once the bytes have left, or never will. */
  send(text: string, sent: () => void): void;
  close(code: number, reason: string): void;
}

/** What a node should do, as it is now. */
export interface DesiredState {
  readonly streams: readonly DesiredStream[];
  /** Only those after `revokedSince`. */
  readonly revoked: readonly RevokedView[];
  readonly revokedUpTo: number;
}

/** Everything around one connection. */
export interface LinkPeer {
  /** Answers the confirmations of this node; a connection of the same node before this one is closed by it. */
  greeted(hello: NodeHello, link: NodeLink): Confirmations;
  heard(link: NodeLink): void;
  /** What the node says, whether or not this process leads it. */
  observed(link: NodeLink, report: NodeReport): void;
  /** To act on, `first` since this process leads. Rejects when it could not be taken in: it is then not acknowledged. */
  reported(link: NodeLink, report: NodeReport, first: boolean): Promise<void>;
  /** False while the shared state is away: another process had better lead. */
  able(): boolean;
  /**
   * Undefined when nothing is known of the node any more: it is left as it is until its next report, which is then
   * taken in as the first. Rejects when it cannot be known now.
   */
  desired(link: NodeLink, revokedSince: number): Promise<DesiredState | undefined>;
}

/** What every node is told first. */
export type Welcome = Omit<ControlWelcome, 'type' | 'protocol' | 'epoch'>;

interface NodeLinkOptions {
  readonly socket: LinkSocket;
  readonly peer: LinkPeer;
  readonly clock: Pick<Clock, 'after'>;
  readonly log: Log;
  readonly welcome: () => Welcome;
}

const HELLO_WITHIN_MS = 3000;
const RETRY_MS = 500;
export const LINK_CLOSED = { badMessage: 4400, version: 4426, replaced: 4409, silent: 4408 } as const;

export class NodeLink {
  readonly #options: NodeLinkOptions;
  #log: Log;
  #cancelTimer: () => void;
  #hello: NodeHello | undefined;
  #confirmations: Confirmations | undefined;
  #closed = false;
  #reportSeq = -1;
  #pending: NodeReport | undefined;
  #takingIn = false;
  #leads = false;
  /** True after the first report to act on: before it, control does not know what runs there. */
  #ready = false;
  #takenSeq = 0;
  #desiredSeq = 0;
  #revokedUpTo = 0;
  #lastStreams: string | undefined;
  #json = new WeakMap<DesiredStream, string>();
  #changed = false;
  #sending = false;

  constructor(options: NodeLinkOptions) {
    this.#options = options;
    this.#log = options.log;
    this.#cancelTimer = options.clock.after(HELLO_WITHIN_MS, () =>
      this.close(LINK_CLOSED.badMessage, 'no hello'),
    );
  }

  get hello(): NodeHello | undefined {
    return this.#hello;
  }

  /** True while the node acts on what this process says. */
  get leads(): boolean {
    return this.#leads;
  }

  /** What this process holds of the node is gone: the next report is taken in as if it were the first. */
  takeInAnew(): void {
    this.#ready = false;
  }

  /** Tells the node of something beside its streams; older nodes would not understand. */
  tell(message: Extract<ControlMessage, { type: 'peers' | 'drain' }>): void {
    if (this.#closed || this.#hello === undefined || this.#hello.protocol < 2) return;
    this.#send(message);
  }

  /** Takes one message as it came. */
  take(text: string): void {
    if (this.#closed) return;
    let message: NodeMessage;
    try {
      message = NodeMessage.parse(JSON.parse(text));
    } catch (err) {
      this.#log.warn({ err }, 'a node sent what cannot be understood');
      this.close(LINK_CLOSED.badMessage, 'message not understood');
      return;
    }
    switch (message.type) {
      case 'hello':
        this.#greet(message);
        break;
      case 'report':
        this.#takeReport(message);
        break;
      case 'applied':
        if (message.epoch !== this.#hello?.epoch) break;
        this.#options.peer.heard(this);
        this.#confirmations?.applied(message.seq, message.streams);
        break;
    }
  }

  /** The desired state of the node has changed; it is sent once for all changes of this moment. */
  desiredChanged(): void {
    if (this.#changed) return;
    this.#changed = true;
    this.#flushSoon();
  }

  close(code: number, reason: string): void {
    if (this.#closed) return;
    this.#options.socket.close(code, reason);
    this.ended();
  }

  /** The connection is gone. */
  ended(): void {
    this.#closed = true;
    this.#cancelTimer();
  }

  #greet(hello: NodeHello): void {
    if (this.#hello !== undefined) {
      this.close(LINK_CLOSED.badMessage, 'a second hello');
      return;
    }
    if (Math.abs(hello.protocol - NODE_PROTOCOL_VERSION) > 1) {
      this.#log.error(
        { nodeId: hello.nodeId, theirs: hello.protocol, ours: NODE_PROTOCOL_VERSION },
        'a node is too far apart in version',
      );
      this.close(LINK_CLOSED.version, `protocol version ${NODE_PROTOCOL_VERSION} is spoken here`);
      return;
    }
    this.#cancelTimer();
    this.#hello = hello;
    this.#log = this.#log.child({ nodeId: hello.nodeId });
    this.#confirmations = this.#options.peer.greeted(hello, this);
    this.#send({
      type: 'welcome',
      protocol: NODE_PROTOCOL_VERSION,
      epoch: hello.epoch,
      ...this.#options.welcome(),
    });
  }

  #takeReport(report: NodeReport): void {
    if (this.#hello === undefined) {
      this.close(LINK_CLOSED.badMessage, 'a report before hello');
      return;
    }
    if (report.epoch !== this.#hello.epoch || report.seq <= this.#reportSeq) return;
    this.#reportSeq = report.seq;
    const { peer } = this.#options;
    peer.heard(this);
    this.#confirmations?.reported(report.appliedSeq, report.streams);
    peer.observed(this, report);
    this.#leads = report.lead;
    if (!report.lead) {
      // Whatever it is told by another process meanwhile, it is told everything when it comes back.
      this.#ready = false;
      this.#pending = undefined;
      this.#send({ type: 'ack', seq: 0, able: peer.able() });
      return;
    }
    // A later report says all that an earlier one did, so one waiting place is enough.
    this.#pending = report;
    if (!this.#takingIn) void this.#takeIn();
  }

  async #takeIn(): Promise<void> {
    const { peer } = this.#options;
    this.#takingIn = true;
    while (this.#pending !== undefined && !this.#closed) {
      const report = this.#pending;
      this.#pending = undefined;
      try {
        await peer.reported(this, report, !this.#ready);
      } catch (err) {
        this.#log.error({ err }, 'a report could not be taken in');
        this.#send({ type: 'ack', seq: this.#takenSeq, able: peer.able() });
        continue;
      }
      this.#takenSeq = report.seq;
      this.#send({ type: 'ack', seq: report.seq, able: peer.able() });
      if (this.#ready || !this.#leads) continue;
      this.#ready = true;
      this.#changed = true;
      this.#lastStreams = undefined;
      this.#revokedUpTo = 0;
      this.#flushSoon();
    }
    this.#takingIn = false;
  }

  #flushSoon(waitMs = 0): void {
    if (!this.#ready || this.#sending || this.#closed) return;
    this.#sending = true;
    this.#cancelTimer = this.#options.clock.after(waitMs, () => void this.#flush());
  }

  async #flush(): Promise<void> {
    this.#changed = false;
    let desired: DesiredState | undefined;
    try {
      desired = await this.#options.peer.desired(this, this.#revokedUpTo);
    } catch (err) {
      this.#log.error({ err }, 'the desired state is not known now; the node is left as it is');
      this.#changed = true;
      this.#sending = false;
      this.#flushSoon(RETRY_MS);
      return;
    }
    if (this.#closed || this.#hello === undefined) return;
    if (!this.#ready) {
      this.#sending = false;
      return;
    }
    if (desired === undefined) {
      this.takeInAnew();
      this.#sending = false;
      return;
    }
    const streams = desired.streams.map((stream) => this.#stringify(stream)).join(',');
    this.#revokedUpTo = desired.revokedUpTo;
    if (streams === this.#lastStreams && desired.revoked.length === 0) {
      this.#sent();
      return;
    }
    this.#lastStreams = streams;
    const seq = ++this.#desiredSeq;
    this.#confirmations?.told(seq, desired.streams);
    const { epoch } = this.#hello;
    const head = JSON.stringify({ type: 'desired', epoch, seq, revoked: desired.revoked });
    this.#options.socket.send(`${head.slice(0, -1)},"streams":[${streams}]}`, () => this.#sent());
  }

  /** One message is under way at a time: a slow node gets fewer, not a queue. */
  #sent(): void {
    this.#sending = false;
    if (this.#changed) this.#flushSoon();
  }

  #stringify(stream: DesiredStream): string {
    let json = this.#json.get(stream);
    if (json === undefined) {
      json = JSON.stringify(stream);
      this.#json.set(stream, json);
    }
    return json;
  }

  #send(message: ControlMessage): void {
    this.#options.socket.send(JSON.stringify(message), () => undefined);
  }
}
