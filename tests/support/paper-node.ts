import {
  ControlMessage,
  NODE_PROTOCOL_VERSION,
  NodeId,
  type NodeLoad,
  type NodeReport,
  type StartAnswer,
} from '@vedette/contracts';
import type { Clock } from '@vedette/runtime';
import type { NodeGateway } from '../../apps/control-plane/src/nodes/node-gateway.ts';
import { IDLE_LOAD } from './idle-load.ts';
import { SimulatedEngine } from './simulated-engine.ts';

interface PaperNodeOptions {
  readonly gateway: NodeGateway;
  readonly clock: Clock;
  readonly nodeId?: string;
  readonly epoch?: string;
  readonly maxWebrtcViewers?: number;
  readonly labels?: Readonly<Record<string, string>>;
  /** Of an earlier connection, when the same process goes on. */
  readonly engine?: SimulatedEngine;
  readonly lead?: boolean;
  readonly draining?: boolean;
  /** The other side has ended the connection. */
  readonly onClosed?: () => void;
  /** Its process has applied what this connection told. */
  readonly onApplied?: () => void;
}

/** A node without media and without sockets: every message arrives at once, so that time can be held. */
export class PaperNode {
  readonly engine: SimulatedEngine;
  readonly received: ControlMessage[] = [];
  readonly id: NodeId;
  /** Whether this connection is the one that it acts on. */
  lead: boolean;
  draining: boolean;
  /** As it measures itself. */
  load: NodeLoad = { ...IDLE_LOAD, cpu: 0.1, memoryBytes: 1 };
  /** Set while the node is to stay silent. */
  silent = false;
  closed: { readonly code: number; readonly reason: string } | undefined;
  readonly #clock: Clock;
  readonly #onApplied: () => void;
  readonly #epoch: string;
  readonly #link: ReturnType<NodeGateway['accept']>;
  readonly #stop: () => void;
  #cancel: () => void = () => undefined;
  #appliedSeq = 0;

  constructor(options: PaperNodeOptions) {
    this.id = NodeId.parse(options.nodeId ?? 'node-1');
    this.#clock = options.clock;
    this.lead = options.lead ?? true;
    this.draining = options.draining ?? false;
    this.#onApplied = options.onApplied ?? (() => undefined);
    this.#epoch = options.epoch ?? 'life-1';
    this.engine = options.engine ?? new SimulatedEngine({ now: () => options.clock.wallNow() });
    this.#link = options.gateway.accept({
      send: (text, sent) => {
        this.#take(ControlMessage.parse(JSON.parse(text)));
        sent();
      },
      close: (code, reason) => {
        this.closed = { code, reason };
        this.breakOff();
        options.onClosed?.();
      },
    });
    this.#stop = this.engine.onChange(() => this.report());
    this.#link.take(
      JSON.stringify({
        type: 'hello',
        protocol: NODE_PROTOCOL_VERSION,
        nodeId: this.id,
        epoch: this.#epoch,
        version: '0.0.0',
        publicUrl: `http://${this.id}.test:8081`,
        labels: options.labels ?? {},
        maxWebrtcViewers: options.maxWebrtcViewers ?? 1000,
      }),
    );
    this.report();
  }

  /** Paths that it should run, sorted. */
  get paths(): readonly string[] {
    return this.engine.desired.map(({ path }) => path).sort();
  }

  /** Opens a granted view as its player would; false when it is not let in. */
  open(answer: StartAnswer, userId = 'alice', protocol = answer.protocol): boolean {
    const { cameraId, profile, sessionId } = answer;
    const path = profile === 'main' ? `cam_${cameraId}` : `cam_${cameraId}_${profile}`;
    return this.engine.connect({ sessionId, userId, cameraId, path, profile, protocol });
  }

  report(): void {
    if (this.silent || this.closed !== undefined) return;
    this.#cancel();
    const { ended, sessions, streams } = this.engine.observe();
    const report: NodeReport = {
      type: 'report',
      epoch: this.#epoch,
      seq: ++this.engine.reports,
      lead: this.lead,
      draining: this.draining,
      appliedSeq: this.lead ? this.#appliedSeq : 0,
      streams,
      sessions,
      ended,
      load: { ...this.load, webrtcViewers: sessions.length },
    };
    this.#cancel = this.#clock.after(1000, () => this.report());
    this.#link.take(JSON.stringify(report));
  }

  /** The connection breaks; what runs there goes on. */
  breakOff(): void {
    this.closed ??= { code: 1006, reason: '' };
    this.#cancel();
    this.#stop();
    this.#link.ended();
  }

  #take(message: ControlMessage): void {
    this.received.push(message);
    if (message.type === 'drain') {
      this.draining = message.on;
      this.report();
    }
    if (message.type !== 'desired' || !this.lead) return;
    this.engine.revoke(message.revoked);
    this.engine.apply(message.streams);
    this.#appliedSeq = message.seq;
    if (this.silent) return;
    this.#link.take(JSON.stringify({ type: 'applied', epoch: this.#epoch, seq: message.seq }));
    this.report();
    this.#onApplied();
  }
}
