// Enters: control's desired state and revocations. Leaves: reports of what runs, who watches, who left.
// Not its job: media. While control is away nothing here touches a running stream.
import {
  type ControlDesired,
  ControlMessage,
  type ControlWelcome,
  type DesiredStream,
  NODE_PROTOCOL_VERSION,
  type NodeApplied,
  type NodeHello,
  type NodeLoad,
  type NodeReport,
  type StreamPath,
} from '@vedette/contracts';
import { backoffMs, type Clock, fullJitter, type Log, newId } from '@vedette/runtime';
import { WebSocket } from 'ws';
import type { KeySet } from '../auth/key-set.ts';
import type { RevocationList } from '../auth/revocation-list.ts';
import type { MediaEngine } from '../engine/media-engine.ts';
import { EndedBacklog } from './ended-backlog.ts';
import { ReportPace } from './report-pace.ts';
import { trustOwnCertificate } from './trust-own-certificate.ts';

export interface ControlLinkOptions {
  readonly engine: MediaEngine;
  readonly keys: Pick<KeySet, 'update'>;
  readonly revoked: Pick<RevocationList, 'add'>;
  /** What this process carries; read once a second. */
  readonly load: () => NodeLoad;
  readonly clock: Clock;
  readonly log: Log;
  /** http(s) address of control. */
  readonly controlUrl: string;
  readonly nodeToken: string;
  readonly self: Omit<NodeHello, 'type' | 'protocol' | 'epoch'>;
  /** PEM of this machine's own certificate, when control may show it. */
  readonly ownCertificate?: string | undefined;
  /** Control has told which web origins may fetch media. */
  readonly onAllowedOrigins: (origins: readonly string[]) => void;
  readonly random?: () => number;
}

const REDIAL = { baseMs: 100, capMs: 1000 };
const HANDSHAKE_MS = 2000;
const STABLE_MS = 5000;
/** Control acknowledges every report, so this much silence is a dead connection. */
const SILENCE_MS = 3000;
const MAX_MESSAGE_BYTES = 32 * 1024 * 1024;
/** Rates mean little over less; reports in between repeat the last reading. */
const LOAD_EVERY_MS = 900;
/** Above this much unsent, a report is left out: the next one says it all again. */
const MAX_UNSENT_BYTES = 8 * 1024 * 1024;

/** Keeps one connection to control for the life of the node. */
export class ControlLink {
  readonly #options: ControlLinkOptions;
  readonly #epoch = newId();
  readonly #ended = new EndedBacklog();
  readonly #pace: ReportPace;
  readonly #stopListening: () => void;
  #socket: WebSocket | undefined;
  #cancelDial: (() => void) | undefined;
  #closed = false;
  #failures = 0;
  #lastFailure = '';
  #reportSeq = 0;
  #desiredSeq = 0;
  #lastHeardAt = 0;
  #connectedAt = 0;
  #load: { readonly at: number; readonly value: NodeLoad } | undefined;
  #current = new Map<StreamPath, DesiredStream>();

  constructor(options: ControlLinkOptions) {
    this.#options = options;
    this.#pace = new ReportPace({ clock: options.clock, report: () => this.#report() });
    this.#stopListening = options.engine.onChange(() => this.#pace.changed());
  }

  start(): void {
    this.#dial();
  }

  /** True while control has welcomed this node and answers. */
  get connected(): boolean {
    return this.#lastHeardAt > 0;
  }

  /** Leaves control; the engine is not touched. */
  close(): void {
    this.#closed = true;
    this.#stopListening();
    this.#cancelDial?.();
    this.#pace.stop();
    this.#socket?.close(1001);
    this.#socket?.terminate();
  }

  #dial(): void {
    const { controlUrl, nodeToken, ownCertificate } = this.#options;
    const url = new URL('/internal/node', controlUrl);
    url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
    const socket = new WebSocket(url, {
      headers: { authorization: `Bearer ${nodeToken}` },
      handshakeTimeout: HANDSHAKE_MS,
      maxPayload: MAX_MESSAGE_BYTES,
      perMessageDeflate: false,
      ...(ownCertificate === undefined ? {} : trustOwnCertificate(ownCertificate)),
    });
    this.#socket = socket;
    this.#desiredSeq = 0;
    let failure = 'the connection was closed';
    socket.on('error', (error) => {
      failure = error.message;
    });
    socket.on('open', () => {
      const { self } = this.#options;
      socket.send(
        JSON.stringify({
          type: 'hello',
          protocol: NODE_PROTOCOL_VERSION,
          epoch: this.#epoch,
          ...self,
        } satisfies NodeHello),
      );
    });
    socket.on('message', (data) => this.#take(socket, String(data)));
    socket.on('close', (code, reason) => {
      if (reason.length > 0) failure = `${failure} (${code} ${reason})`;
      this.#lost(socket, failure);
    });
  }

  #lost(socket: WebSocket, failure: string): void {
    if (socket !== this.#socket) return;
    const { clock, engine, log } = this.#options;
    const wasConnected = this.connected;
    this.#lastHeardAt = 0;
    this.#pace.stop();
    if (this.#closed) return;
    if (wasConnected) {
      // Short ones do not count: two processes under one node id would take turns many times a second.
      if (clock.now() - this.#connectedAt >= STABLE_MS) this.#failures = 0;
      engine.setControlConnected(false);
    }
    if (wasConnected || failure !== this.#lastFailure) {
      log.warn({ reason: failure }, 'control is away; running streams go on');
    }
    this.#lastFailure = failure;
    const bound = backoffMs(this.#failures++, REDIAL);
    const wait = bound / 4 + fullJitter((bound * 3) / 4, this.#options.random ?? Math.random);
    this.#cancelDial = clock.after(wait, () => this.#dial());
  }

  #take(socket: WebSocket, text: string): void {
    if (socket !== this.#socket) return;
    let message: ControlMessage;
    try {
      message = ControlMessage.parse(JSON.parse(text));
    } catch (err) {
      this.#options.log.error({ err }, 'control sent what cannot be understood');
      socket.terminate();
      return;
    }
    if (message.type === 'welcome') {
      this.#welcomed(socket, message);
      return;
    }
    if (!this.connected) return;
    this.#lastHeardAt = this.#options.clock.now();
    if (message.type === 'ack') this.#ended.acknowledge(message.seq);
    else this.#desire(message);
  }

  #welcomed(socket: WebSocket, welcome: ControlWelcome): void {
    const { clock, engine, keys, log, onAllowedOrigins } = this.#options;
    if (Math.abs(welcome.protocol - NODE_PROTOCOL_VERSION) > 1) {
      log.error(
        { theirs: welcome.protocol, ours: NODE_PROTOCOL_VERSION },
        'control is too far apart in version',
      );
      socket.close(4400, 'protocol version');
      return;
    }
    void keys.update(welcome.jwks);
    onAllowedOrigins(welcome.allowedOrigins);
    this.#lastHeardAt = clock.now();
    this.#connectedAt = clock.now();
    this.#lastFailure = '';
    log.info('connected to control');
    engine.setControlConnected(true);
    this.#pace.start();
  }

  #desire(message: ControlDesired): void {
    if (message.epoch !== this.#epoch || message.seq <= this.#desiredSeq) return;
    const { engine, revoked } = this.#options;
    if (message.revoked.length > 0) {
      revoked.add(message.revoked);
      engine.revoke(message.revoked);
    }
    const next = new Map<StreamPath, DesiredStream>();
    for (const stream of message.streams) {
      const known = this.#current.get(stream.path);
      next.set(stream.path, known !== undefined && known.fence > stream.fence ? known : stream);
    }
    this.#current = next;
    engine.apply([...next.values()]);
    this.#desiredSeq = message.seq;
    const applied: NodeApplied = { type: 'applied', epoch: this.#epoch, seq: message.seq };
    this.#socket?.send(JSON.stringify(applied));
    this.#pace.changed();
  }

  /** Answers its size in bytes. */
  #report(): number {
    const { clock, engine } = this.#options;
    const socket = this.#socket;
    if (socket === undefined || socket.readyState !== WebSocket.OPEN) return 0;
    if (clock.now() - this.#lastHeardAt > SILENCE_MS) {
      socket.terminate();
      return 0;
    }
    if (socket.bufferedAmount > MAX_UNSENT_BYTES) return 0;
    const seen = engine.observe();
    const seq = ++this.#reportSeq;
    this.#ended.add(seen.ended);
    const report: NodeReport = {
      type: 'report',
      epoch: this.#epoch,
      seq,
      appliedSeq: this.#desiredSeq,
      streams: seen.streams,
      sessions: seen.sessions,
      ended: this.#ended.forReport(seq),
      load: this.#readLoad(),
    };
    const text = JSON.stringify(report);
    socket.send(text);
    return text.length;
  }
  #readLoad(): NodeLoad {
    const at = this.#options.clock.now();
    if (this.#load === undefined || at - this.#load.at >= LOAD_EVERY_MS) {
      this.#load = { at, value: this.#options.load() };
    }
    return this.#load.value;
  }
}
