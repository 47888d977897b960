// Enters: the lead's desired state and revocations. Leaves: reports of what runs, who watches, who left, to every
// control process. Not its job: media. While control is away nothing here touches a running stream.
import {
  type ControlDesired,
  type ControlMessage,
  type ControlWelcome,
  type DesiredStream,
  NODE_PROTOCOL_VERSION,
  type NodeApplied,
  type NodeHello,
  type NodeLoad,
  type NodeReport,
  type RelayPeer,
  type StreamPath,
} from '@vedette/contracts';
import { type Clock, type Log, newId } from '@vedette/runtime';
import type { KeySet } from '../auth/key-set.ts';
import type { RevocationList } from '../auth/revocation-list.ts';
import type { MediaEngine } from '../engine/media-engine.ts';
import { chooseLead, type LeadCandidate } from './choose-lead.ts';
import { ControlLink, type LinkOwner } from './control-link.ts';
import { EndedBacklog } from './ended-backlog.ts';
import { ReportPace } from './report-pace.ts';

export interface NodeAgentOptions {
  readonly engine: MediaEngine;
  readonly keys: Pick<KeySet, 'update'>;
  readonly revoked: Pick<RevocationList, 'add'>;
  /** What this process carries; read once a second. */
  readonly load: () => NodeLoad;
  readonly clock: Clock;
  readonly log: Log;
  /** http(s) addresses of control, one a process or in front of several. */
  readonly controlUrls: readonly string[];
  readonly nodeToken: string;
  readonly self: Omit<NodeHello, 'type' | 'protocol' | 'epoch'>;
  /** PEM of this machine's own certificate, when control may show it. */
  readonly ownCertificate?: string | undefined;
  /** Control has told which web origins may fetch media. */
  readonly onAllowedOrigins: (origins: readonly string[]) => void;
  /** Asked before what control said is acted on: it may have waited for as long as this process stood still. */
  readonly checkStandstill?: () => void;
  /** Control has told which nodes this one exchanges streams with, all of them. */
  readonly onRelayPeers?: (peers: readonly RelayPeer[]) => void;
  readonly random?: () => number;
}

/** Rates mean little over less; reports in between repeat the last reading. */
const LOAD_EVERY_MS = 900;
const MAX_LINKS = 32;
/**
 * A node that stood still goes on by itself after this, with nobody there to ask: as in any partition, one other may
 * then pull the same camera.
 */
const UNCONFIRMED_MS = 10_000;

/** What is known of one connection while it lasts. */
class Side implements LeadCandidate {
  readonly link: ControlLink;
  able = true;
  desiredSeq = 0;
  /** Addresses of other control processes that it told. */
  peers: readonly string[] = [];

  constructor(link: ControlLink) {
    this.link = link;
  }

  get connected(): boolean {
    return this.link.connected;
  }

  get controlId(): string {
    return this.link.controlId ?? '';
  }
}

export class NodeAgent implements LinkOwner {
  readonly #options: NodeAgentOptions;
  readonly #epoch = newId();
  readonly #ended = new EndedBacklog();
  readonly #pace: ReportPace;
  readonly #stopListening: () => void;
  readonly #sides = new Map<string, Side>();
  #lead: Side | undefined;
  #cancelGoOn: () => void = () => undefined;
  #closed = false;
  #draining = false;
  #reportSeq = 0;
  #load: { readonly at: number; readonly value: NodeLoad } | undefined;
  #current = new Map<StreamPath, DesiredStream>();

  constructor(options: NodeAgentOptions) {
    this.#options = options;
    this.#pace = new ReportPace({ clock: options.clock, report: () => this.#report() });
    this.#stopListening = options.engine.onChange(() => this.#pace.changed());
  }

  start(): void {
    this.#dialAll();
  }

  /** True while any control process has welcomed this node and answers. */
  get connected(): boolean {
    return [...this.#sides.values()].some((side) => side.connected);
  }

  /** Takes no new streams from now on, or again; the next report says so. */
  drain(on: boolean): void {
    if (this.#draining === on) return;
    this.#draining = on;
    this.#options.log.info(
      { draining: on },
      on ? 'no new streams from now on' : 'new streams are taken again',
    );
    this.#pace.changed();
  }

  /**
   * This process stood still for longer than its lease: pictures from before, and what control said before, are
   * worth nothing. Holds everything until a control that leads says anew what runs here.
   */
  stoodStill(ms: number): void {
    const { clock, engine, log } = this.#options;
    log.warn(
      { ms: Math.round(ms) },
      'this node stood still for longer than its lease; control is asked anew',
    );
    engine.hold();
    this.#lead = undefined;
    for (const { link } of this.#sides.values()) link.redial();
    this.#cancelGoOn();
    this.#cancelGoOn = clock.after(UNCONFIRMED_MS, () => engine.resume());
  }

  /** Leaves control; the engine is not touched. */
  close(): void {
    this.#closed = true;
    this.#cancelGoOn();
    this.#stopListening();
    this.#pace.stop();
    for (const { link } of this.#sides.values()) link.close();
  }

  welcomed(link: ControlLink, welcome: ControlWelcome): void {
    const { engine, keys, onAllowedOrigins } = this.#options;
    const double = [...this.#sides.values()].find(
      (other) => other.link !== link && other.connected && other.controlId === welcome.controlId,
    );
    if (double !== undefined && welcome.controlId !== '') {
      // Control listens to the later connection, and has closed the earlier one.
      double.link.closeAsDouble();
    }
    const side = this.#sides.get(link.url);
    if (side === undefined) return;
    side.able = true;
    side.desiredSeq = 0;
    side.peers = welcome.peers;
    void keys.update(welcome.jwks);
    onAllowedOrigins(welcome.allowedOrigins);
    engine.setControlConnected(true);
    this.#dialAll();
    this.#pace.start();
  }

  took(link: ControlLink, message: Exclude<ControlMessage, ControlWelcome>): void {
    this.#options.checkStandstill?.();
    const side = this.#sides.get(link.url);
    if (side === undefined) return;
    switch (message.type) {
      case 'ack':
        if (side === this.#lead) this.#ended.acknowledge(message.seq);
        if (side.able === message.able) break;
        side.able = message.able;
        if (this.#choose() !== this.#lead) this.#pace.changed();
        break;
      case 'desired':
        if (side === this.#lead) this.#desire(side, message);
        break;
      case 'drain':
        this.drain(message.on);
        break;
      case 'peers':
        side.peers = message.peers;
        this.#dialAll();
        break;
    }
  }

  lost(link: ControlLink): void {
    const side = this.#sides.get(link.url);
    if (side === this.#lead) this.#lead = undefined;
    if (this.#closed) return;
    this.#forgetPeersThatLeft();
    if (this.connected) this.#pace.changed();
    else {
      this.#pace.stop();
      this.#options.engine.setControlConnected(false);
    }
  }

  #dialAll(): void {
    const { clock, controlUrls, log, nodeToken, ownCertificate, random = Math.random, self } = this.#options;
    const told = [...this.#sides.values()].flatMap(({ peers }) => peers);
    for (const url of [...controlUrls, ...told].map((address) => new URL(address).href)) {
      if (this.#sides.has(url) || this.#sides.size >= MAX_LINKS) continue;
      const link = new ControlLink({
        url,
        nodeToken,
        hello: { type: 'hello', protocol: NODE_PROTOCOL_VERSION, epoch: this.#epoch, ...self },
        owner: this,
        ownCertificate,
        clock,
        log,
        random,
      });
      this.#sides.set(url, new Side(link));
      link.start();
    }
  }

  /** An address that was only told of is given up once nobody who is there tells of it, and nobody answers there. */
  #forgetPeersThatLeft(): void {
    if (!this.connected) return;
    const known = new Set(this.#options.controlUrls.map((address) => new URL(address).href));
    for (const { connected, peers } of this.#sides.values())
      if (connected) for (const peer of peers) known.add(new URL(peer).href);
    for (const [url, { connected, link }] of this.#sides) {
      if (connected || known.has(url)) continue;
      link.close();
      this.#sides.delete(url);
    }
  }

  #choose(): Side | undefined {
    return chooseLead(this.#lead, [...this.#sides.values()], this.#options.self.nodeId);
  }

  #desire(side: Side, message: ControlDesired): void {
    if (message.epoch !== this.#epoch || message.seq <= side.desiredSeq) return;
    const { engine, revoked } = this.#options;
    if (message.revoked.length > 0) {
      revoked.add(message.revoked);
      engine.revoke(message.revoked);
    }
    // Before the streams that are taken from them.
    this.#options.onRelayPeers?.(message.relayPeers ?? []);
    const next = new Map<StreamPath, DesiredStream>();
    const news: NodeApplied['streams'] = [];
    for (const stream of message.streams) {
      const { fence, path } = stream;
      const known = this.#current.get(path);
      next.set(path, known !== undefined && known.fence > fence ? known : stream);
      if (known === undefined || known.fence < fence) news.push({ path, fence });
    }
    this.#current = next;
    engine.apply([...next.values()]);
    this.#cancelGoOn();
    engine.resume();
    side.desiredSeq = message.seq;
    const applied: NodeApplied = { type: 'applied', epoch: this.#epoch, seq: message.seq, streams: news };
    side.link.send(JSON.stringify(applied));
    if (news.length > 0) {
      const told = JSON.stringify({ ...applied, seq: 0 });
      for (const other of this.#sides.values()) if (other !== side) other.link.send(told);
    }
    this.#pace.changed();
  }

  /** Answers its size in bytes. */
  #report(): number {
    const lead = this.#choose();
    if (lead !== this.#lead) {
      this.#options.log.info({ control: lead?.link.url }, 'control leads from here');
      this.#lead = lead;
    }
    const seen = this.#options.engine.observe();
    const seq = ++this.#reportSeq;
    this.#ended.add(seen.ended);
    const { streams, sessions } = seen;
    // Written out once for all.
    const body = JSON.stringify({ streams, sessions, load: this.#readLoad() }).slice(1);
    for (const side of this.#sides.values()) {
      if (!side.connected) continue;
      const isLead = side === lead;
      const head: Omit<NodeReport, 'streams' | 'sessions' | 'load'> = {
        type: 'report',
        epoch: this.#epoch,
        seq,
        lead: isLead,
        draining: this.#draining,
        appliedSeq: isLead ? side.desiredSeq : 0,
        ended: isLead ? this.#ended.forReport(seq) : [],
      };
      side.link.send(`${JSON.stringify(head).slice(0, -1)},${body}`);
    }
    return body.length;
  }

  #readLoad(): NodeLoad {
    const at = this.#options.clock.now();
    if (this.#load === undefined || at - this.#load.at >= LOAD_EVERY_MS) {
      this.#load = { at, value: this.#options.load() };
    }
    return this.#load.value;
  }
}
