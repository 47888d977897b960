// Enters: a node's whole report, every second. Leaves: what differs from the one before, for the script to apply.
// Not its job: what a report means (lua/apply-report.lua).
import type { NodeId, NodeSession, Protocol, SessionId } from '@vedette/contracts';
import { newId } from '@vedette/runtime';
import { z } from 'zod';
import type { ReportFacts, ReportOutcome } from '../shared-state.ts';
import { PackedEnded, PackedView } from './redis-records.ts';
import type { RedisStore } from './redis-store.ts';

const LEAST_TIER = 9;

/** What was last applied of a node. Another process may have applied one since: the script knows by `id`. */
interface Applied {
  readonly id: string;
  readonly sessions: ReadonlyMap<SessionId, Protocol>;
  /** Named by the node, but no views: the script wants their details with each report. */
  readonly strangers: ReadonlySet<string>;
  readonly running: string;
}

const Reply = z.union([
  z.tuple([z.literal('send-all')]),
  z.tuple([z.literal('old')]),
  z.tuple([z.literal('unknown')]),
  z.tuple([z.literal('send-also'), z.string().array()]),
  z.tuple([z.literal('applied'), PackedView.array(), PackedEnded.array(), z.string().array()]),
]);

export class ReportSender {
  readonly #store: RedisStore;
  readonly #applied = new Map<NodeId, Applied>();
  /** Unlike any other process's. */
  readonly #name = newId();
  #count = 0;

  constructor(options: { readonly store: RedisStore }) {
    this.#store = options.store;
  }

  async send(facts: ReportFacts): Promise<ReportOutcome | undefined> {
    const { nodeId } = facts;
    const isFirst = facts.adoptable !== undefined || facts.claims !== undefined;
    let after = isFirst ? undefined : this.#applied.get(nodeId);
    // Until this one is known to be applied nothing is: a failed call may have done its work.
    this.#applied.delete(nodeId);
    const sessions = new Map<SessionId, NodeSession>();
    for (const session of facts.sessions) {
      if (!sessions.has(session.sessionId)) sessions.set(session.sessionId, session);
    }
    const id = `${this.#name} ${++this.#count}`;
    const running = ` ${facts.running.join(' ')} `;
    const also = new Set<string>();
    for (;;) {
      const asked = { id, ...request(facts, { sessions, running, after, also }) };
      const reply = Reply.parse(await this.#store.run('apply-report', asked));
      if (reply[0] === 'unknown') return undefined;
      if (reply[0] === 'old') return { connected: [], ended: [] };
      if (reply[0] === 'send-all') after = undefined;
      else if (reply[0] === 'send-also') for (const sessionId of reply[1]) also.add(sessionId);
      else {
        const [, connected, ended, strangers] = reply;
        const protocols = new Map([...sessions].map(([key, { protocol }]) => [key, protocol]));
        this.#applied.set(nodeId, { id, sessions: protocols, strangers: new Set(strangers), running });
        return { connected, ended };
      }
    }
  }
}

interface Told {
  readonly sessions: ReadonlyMap<SessionId, NodeSession>;
  readonly running: string;
  /** Undefined: everything is said. */
  readonly after: Applied | undefined;
  readonly also: ReadonlySet<string>;
}

function request(facts: ReportFacts, { after, also, running, sessions }: Told): object {
  const isNews = ({ protocol, sessionId }: NodeSession) =>
    after === undefined ||
    after.sessions.get(sessionId) !== protocol ||
    after.strangers.has(sessionId) ||
    also.has(sessionId);
  const told: object[] = [];
  for (const session of sessions.values()) if (isNews(session)) told.push(sessionOf(session, facts));
  const gone: SessionId[] = [];
  for (const sessionId of after?.sessions.keys() ?? []) if (!sessions.has(sessionId)) gone.push(sessionId);
  return {
    nodeId: facts.nodeId,
    epoch: facts.epoch,
    seq: facts.seq,
    nowMs: facts.nowMs,
    after: after?.id,
    sessions: told,
    gone,
    ended: facts.ended
      .filter(({ sessionId }) => !sessions.has(sessionId))
      .map(({ reason, sessionId }) => ({ sessionId, reason })),
    revokeLapsedUntilMs: facts.revokeLapsedUntilMs,
    adoptable: facts.adoptable,
    running: running === after?.running ? undefined : running,
  };
}

/** What it takes to make a view of it again. */
function sessionOf(
  { connectedAt, path, protocol, sessionId, userId }: NodeSession,
  facts: ReportFacts,
): object {
  const claim = facts.claims?.get(sessionId);
  return {
    sessionId,
    userId,
    path,
    protocol,
    connectedAt: String(connectedAt),
    counters: claim?.counters ?? [`user ${userId}`],
    tier: claim?.tier ?? LEAST_TIER,
  };
}
