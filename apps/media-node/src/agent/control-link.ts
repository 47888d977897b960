// Enters: the address of one control process. Leaves: one connection to it, dialled again whenever it breaks.
// Not its job: what is said over it (node-agent.ts).
import {
  ControlMessage,
  type ControlWelcome,
  NODE_PROTOCOL_VERSION,
  type NodeHello,
} from '@vedette/contracts';
import { backoffMs, type Clock, fullJitter, type Log } from '@vedette/runtime';
import WebSocket from 'ws';
import { ControlDial } from './control-dial.ts';
import { trustOwnCertificate } from './trust-own-certificate.ts';

/** Hears of one connection. */
export interface LinkOwner {
  welcomed(link: ControlLink, welcome: ControlWelcome): void;
  took(link: ControlLink, message: Exclude<ControlMessage, ControlWelcome>): void;
  /** It was welcomed, and is no more; it dials again by itself. */
  lost(link: ControlLink): void;
}

export interface ControlLinkOptions {
  /** http(s). */
  readonly url: string;
  readonly nodeToken: string;
  readonly hello: NodeHello;
  readonly owner: LinkOwner;
  /** PEM of this machine's own certificate, when control may show it. */
  readonly ownCertificate: string | undefined;
  readonly clock: Clock;
  readonly log: Log;
  readonly random: () => number;
}

/** Under a second with the overlap of dials: so soon after a cut is healed, what was pulled twice must end. */
const REDIAL = { baseMs: 100, capMs: 400 };
/** Another connection leads to the same process: this one is only tried in case that changes. */
const REDIAL_DOUBLE_MS = 10_000;
const HANDSHAKE_MS = 2000;
const STABLE_MS = 5000;
/** Control acknowledges every report, so this much silence is a dead connection. */
const SILENCE_MS = 2000;
const MAX_MESSAGE_BYTES = 32 * 1024 * 1024;
/** Above this much unsent, a report is left out: the next one says it all again. */
const MAX_UNSENT_BYTES = 8 * 1024 * 1024;
const REPLACED = 4409;

export class ControlLink {
  readonly #options: ControlLinkOptions;
  #socket: WebSocket | undefined;
  #cancelDial: () => void = () => undefined;
  #closed = false;
  #failures = 0;
  #lastFailure = '';
  #lastHeardAt = 0;
  #connectedAt = 0;
  #welcome: ControlWelcome | undefined;

  constructor(options: ControlLinkOptions) {
    this.#options = options;
  }

  get url(): string {
    return this.#options.url;
  }

  /** Of the process that it leads to; undefined while it leads to none. */
  get controlId(): string | undefined {
    return this.#welcome?.controlId;
  }

  /** True while control has welcomed this node and answers. */
  get connected(): boolean {
    return this.#welcome !== undefined;
  }

  start(): void {
    this.#dial();
  }

  close(): void {
    this.#closed = true;
    this.#welcome = undefined;
    this.#cancelDial();
    this.#socket?.close(1001);
    this.#socket?.terminate();
  }

  /** What came over it may be old: dials again at once, and hears everything anew. */
  redial(): void {
    this.#failures = 0;
    this.#socket?.terminate();
  }

  /** This address leads where another connection leads already. */
  closeAsDouble(): void {
    this.#failures = 0;
    this.#socket?.close(REPLACED, 'another connection leads here');
  }

  /** False when it was left out: the connection is away, dead, or does not take so much. */
  send(text: string): boolean {
    const socket = this.#socket;
    if (!this.connected || socket?.readyState !== WebSocket.OPEN) return false;
    if (this.#options.clock.now() - this.#lastHeardAt > SILENCE_MS) {
      socket.terminate();
      return false;
    }
    if (socket.bufferedAmount > MAX_UNSENT_BYTES) return false;
    socket.send(text);
    return true;
  }

  #dial(): void {
    const { clock, nodeToken, ownCertificate, url: base } = this.#options;
    const url = new URL('/internal/node', base);
    url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
    const open = () =>
      new WebSocket(url, {
        headers: { authorization: `Bearer ${nodeToken}` },
        handshakeTimeout: HANDSHAKE_MS,
        maxPayload: MAX_MESSAGE_BYTES,
        perMessageDeflate: false,
        ...(ownCertificate === undefined ? {} : trustOwnCertificate(ownCertificate)),
      });
    const dial = new ControlDial({
      open,
      clock,
      onOpen: (socket) => this.#opened(socket),
      onFailed: (reason) => this.#lost(reason, false),
    });
    this.#cancelDial = () => dial.close();
  }

  #opened(socket: WebSocket): void {
    this.#socket = socket;
    let failure = 'the connection was closed';
    socket.on('error', (error) => {
      failure = error.message;
    });
    socket.on('message', (data) => this.#take(socket, String(data)));
    socket.on('close', (code, reason) => {
      if (socket !== this.#socket) return;
      if (reason.length > 0) failure = `${failure} (${code} ${reason})`;
      this.#lost(failure, code === REPLACED);
    });
    socket.send(JSON.stringify(this.#options.hello));
  }

  #lost(failure: string, isDouble: boolean): void {
    const { clock, log, owner, random, url } = this.#options;
    const wasConnected = this.connected;
    this.#socket = undefined;
    this.#welcome = undefined;
    if (this.#closed) return;
    // Short ones do not count: two processes under one node id would take turns many times a second.
    if (wasConnected && clock.now() - this.#connectedAt >= STABLE_MS) this.#failures = 0;
    if (!isDouble && (wasConnected || failure !== this.#lastFailure))
      log.warn({ control: url, reason: failure }, 'control is away; running streams go on');
    this.#lastFailure = failure;
    const bound = backoffMs(this.#failures++, REDIAL);
    const wait = isDouble ? REDIAL_DOUBLE_MS : bound / 4 + fullJitter((bound * 3) / 4, random);
    this.#cancelDial = clock.after(wait, () => this.#dial());
    if (wasConnected) owner.lost(this);
  }

  #take(socket: WebSocket, text: string): void {
    if (socket !== this.#socket || socket.readyState !== WebSocket.OPEN) return;
    let message: ControlMessage;
    try {
      message = ControlMessage.parse(JSON.parse(text));
    } catch (err) {
      this.#options.log.error({ err }, 'control sent what cannot be understood');
      socket.terminate();
      return;
    }
    if (message.type === 'welcome') this.#welcomed(socket, message);
    else if (this.connected) {
      this.#lastHeardAt = this.#options.clock.now();
      this.#options.owner.took(this, message);
    }
  }

  #welcomed(socket: WebSocket, welcome: ControlWelcome): void {
    const { clock, log, owner, url } = this.#options;
    if (Math.abs(welcome.protocol - NODE_PROTOCOL_VERSION) > 1) {
      log.error(
        { control: url, theirs: welcome.protocol, ours: NODE_PROTOCOL_VERSION },
        'control is too far apart in version',
      );
      socket.close(4400, 'protocol version');
      return;
    }
    this.#lastHeardAt = clock.now();
    this.#connectedAt = clock.now();
    this.#lastFailure = '';
    this.#welcome = welcome;
    log.info({ control: url }, 'connected to control');
    owner.welcomed(this, welcome);
  }
}
