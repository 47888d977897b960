// Enters: who was let in at which of MediaMTX's sessions, and its lists of them. Leaves: views in the registry, kicks.
// A view outlives MediaMTX's sessions: a camera that drops out ends them all, and the players come back.
// Not its job: HLS, whose players come through us (hls-views.ts).
import type { MediaClaims, Protocol, ReasonCode, SessionId } from '@vedette/contracts';
import type { Clock, Log } from '@vedette/runtime';
import { viewFacts } from '../view-facts.ts';
import type { View, ViewRegistry } from '../view-registry.ts';
import type { ApiClient } from './api-answers.ts';
import type { ClientList, MediaMtxApi } from './mediamtx-api.ts';

/** Somebody who may have the session of that id. */
export interface LetIn {
  readonly claims: MediaClaims;
  readonly path: string;
  readonly protocol: Protocol;
  readonly clientAddress: string;
}

interface Session {
  readonly list: ClientList;
  readonly id: string;
  readonly joinedAtMs: number;
  latest: ApiClient | undefined;
  /** When its viewer last reported; undefined before the first report. */
  reportAtMs: number | undefined;
}

interface Present {
  readonly view: View;
  readonly sessions: Map<string, Session>;
  /** Of sessions that are over. */
  past: { bytesOut: number; discarded: number };
  /** No session since then, on the clock. */
  alone: number;
}

interface ClientViewsOptions {
  readonly api: Pick<MediaMtxApi, 'kick'>;
  readonly views: ViewRegistry;
  readonly clock: Clock;
  readonly log: Log;
  /** The stream's pictures stopped or began within so many ms: who left may not have meant to. */
  readonly disturbedWithin: (path: string, ms: number) => boolean;
  /** Of somebody who was let in a moment ago: it may have been taken back before MediaMTX lists him. */
  readonly isRevoked: (sessionId: SessionId) => boolean;
  readonly onEnded: (view: View, reason: ReasonCode) => void;
}

/** Without RTCP for so long a viewer is gone (contracts.md). */
const SILENT_MS = 5000;
/** Players whose session ended without their doing are back within this. */
const RETURN_MS = 10_000;
/** Lists of paths and of sessions are not of the same moment. */
const SURE_MS = 1500;
/** MediaMTX gives up a session that does not connect within 10 s. */
const APPEAR_MS = 12_000;
const LET_IN_MS = 60_000;

export class ClientViews {
  readonly #options: ClientViewsOptions;
  readonly #letIn = new Map<string, LetIn & { readonly atMs: number }>();
  readonly #present = new Map<string, Present>();
  /** To be gone; kicked again as long as they are there. */
  readonly #doomed = new Map<string, ClientList>();

  constructor(options: ClientViewsOptions) {
    this.#options = options;
  }

  /** MediaMTX asked, and was told yes. */
  letIn(id: string, who: LetIn): void {
    const now = this.#options.clock.now();
    this.#letIn.set(id, { ...who, atMs: now });
    for (const [known, { atMs }] of this.#letIn) {
      if (now - atMs < LET_IN_MS) break;
      this.#letIn.delete(known);
    }
  }

  /** A session has begun. Over WebRTC a newer one takes the place of the others of its view. */
  joined(list: ClientList, id: string, who: LetIn): void {
    const { clock, isRevoked, views } = this.#options;
    if (isRevoked(who.claims.sid)) {
      this.#kick(list, id);
      return;
    }
    const key = keyOf(who.protocol, who.claims.sid);
    const known = this.#present.get(key);
    if (known !== undefined && known.view.path === who.path) {
      if (known.sessions.has(id)) return;
      if (who.protocol === 'webrtc')
        for (const other of [...known.sessions.values()]) this.#leave(known, other, true);
      known.sessions.set(id, this.#session(list, id));
      views.touched();
      return;
    }
    const sessions = new Map([[id, this.#session(list, id)]]);
    const past = { bytesOut: 0, discarded: 0 };
    const view: View = {
      ...viewFacts(who.claims, who.path, who.clientAddress, who.protocol),
      stats: () => {
        const all = [...sessions.values()].map(({ latest }) => latest);
        const bytesSent = past.bytesOut + all.reduce((sum, one) => sum + (one?.bytesOut ?? 0), 0);
        const framesDropped = past.discarded + all.reduce((sum, one) => sum + (one?.discarded ?? 0), 0);
        return { bytesSent, framesSent: 0, framesDropped, packetsLost: 0, rttMs: null, progress: bytesSent };
      },
      connected: () => [...sessions.values()].some(({ latest }) => latest?.connected === true),
      close: (reason) => this.#end(present, reason),
    };
    const present: Present = { view, sessions, past, alone: clock.now() };
    this.#present.set(key, present);
    views.add(view);
    // The same view, of another profile: the registry has put it in the other's place.
    for (const session of [...(known?.sessions.values() ?? [])]) this.#kick(session.list, session.id);
  }

  /** Whoever was let in for this view and is not listed yet is sent away when he is. */
  turnAway(sessionId: SessionId): void {
    for (const [id, { claims }] of this.#letIn) if (claims.sid === sessionId) this.#letIn.delete(id);
  }

  /** The viewer said goodbye to this session. */
  left(id: string): void {
    for (const present of this.#present.values()) {
      const session = present.sessions.get(id);
      if (session === undefined) continue;
      this.#leave(present, session, false);
      if (present.sessions.size === 0) this.#end(present, 'viewer_left');
      return;
    }
  }

  /** Somebody with this view's token knocks: it is on its way back. */
  knocks(protocol: Protocol, sessionId: SessionId): void {
    const present = this.#present.get(keyOf(protocol, sessionId));
    if (present !== undefined) present.alone = this.#options.clock.now();
  }

  /** All sessions of one list as they are now; `isOurs` tells whose path it is. */
  seen(
    list: ClientList,
    protocol: Protocol,
    clients: readonly ApiClient[],
    isOurs: (path: string) => boolean,
  ): void {
    const byId = new Map(clients.map((client) => [client.id, client]));
    for (const client of clients) {
      if (client.state !== 'read' || !isOurs(client.path) || this.#doomed.has(client.id)) continue;
      const who = this.#letIn.get(client.id);
      if (who === undefined && !this.#isKnown(client.id)) {
        this.#options.log.warn(
          { path: client.path, clientAddress: client.remoteAddr },
          'nobody let this viewer in',
        );
        this.#kick(list, client.id);
      } else if (who !== undefined) {
        this.#letIn.delete(client.id);
        this.joined(list, client.id, who);
      }
    }
    for (const present of [...this.#present.values()]) {
      if (present.view.protocol === protocol) this.#look(present, list, byId);
    }
    for (const [id, of] of this.#doomed) {
      if (of !== list) continue;
      if (byId.has(id)) this.#kick(list, id);
      else this.#doomed.delete(id);
    }
  }

  #look(present: Present, list: ClientList, byId: ReadonlyMap<string, ApiClient>): void {
    const now = this.#options.clock.now();
    for (const session of [...present.sessions.values()]) {
      if (session.list !== list) continue;
      const client = byId.get(session.id);
      if (client === undefined) {
        if (session.latest !== undefined || now - session.joinedAtMs > APPEAR_MS)
          this.#leave(present, session, false);
        continue;
      }
      if (client.reportsIn > (session.latest?.reportsIn ?? 0)) session.reportAtMs = now;
      if (session.latest?.connected !== client.connected) this.#options.views.touched();
      session.latest = client;
      if (
        list === 'webrtcsessions' &&
        session.reportAtMs !== undefined &&
        now - session.reportAtMs > SILENT_MS
      ) {
        this.#leave(present, session, true);
        if (present.sessions.size === 0) this.#end(present, 'viewer_silent');
      }
    }
    if (present.sessions.size > 0) present.alone = now;
    else if (this.#options.disturbedWithin(present.view.path, RETURN_MS)) {
      if (now - present.alone > RETURN_MS) this.#end(present, 'viewer_silent');
    } else if (now - present.alone > SURE_MS) this.#end(present, 'viewer_left');
  }

  #isKnown(id: string): boolean {
    return [...this.#present.values()].some(({ sessions }) => sessions.has(id));
  }

  #session(list: ClientList, id: string): Session {
    return { list, id, joinedAtMs: this.#options.clock.now(), latest: undefined, reportAtMs: undefined };
  }

  #leave(present: Present, session: Session, kick: boolean): void {
    present.sessions.delete(session.id);
    present.past.bytesOut += session.latest?.bytesOut ?? 0;
    present.past.discarded += session.latest?.discarded ?? 0;
    present.alone = this.#options.clock.now();
    if (kick) this.#kick(session.list, session.id);
    this.#options.views.touched();
  }

  #end(present: Present, reason: ReasonCode): void {
    const { onEnded, views } = this.#options;
    const key = keyOf(present.view.protocol, present.view.sessionId);
    if (this.#present.get(key) !== present) return;
    this.#present.delete(key);
    for (const session of [...present.sessions.values()]) this.#leave(present, session, true);
    views.remove(present.view, reason);
    onEnded(present.view, reason);
  }

  #kick(list: ClientList, id: string): void {
    this.#doomed.set(id, list);
    // Kicked again with the next list as long as it is there.
    this.#options.api.kick(list, id).catch(() => undefined);
  }
}

function keyOf(protocol: Protocol, sessionId: SessionId): string {
  return `${protocol} ${sessionId}`;
}
