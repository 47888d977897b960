// What a script is asked, as short as it can be said.
import type { NodeId } from '@vedette/contracts';
import type { Counter, OpenView, ViewLimits } from '../shared-state.ts';

interface NodeGroup {
  readonly limits: ViewLimits;
  /** Between blanks. */
  names: string;
}

/** Nodes with the same limits are named together: there are many nodes and few kinds of them. */
export function groupNodes(nodes: ReadonlyMap<NodeId, ViewLimits>): readonly NodeGroup[] {
  const groups = new Map<string, NodeGroup>();
  for (const [nodeId, limits] of nodes) {
    const kind = `${limits.webrtc} ${limits.hls} ${limits.rtsp}`;
    const group = groups.get(kind);
    if (group === undefined) groups.set(kind, { limits: finite(limits), names: ` ${nodeId} ` });
    else group.names += `${nodeId} `;
  }
  return [...groups.values()];
}

/** JSON knows no infinity. */
function finite(limits: ViewLimits): ViewLimits {
  const { hls, rtsp = 0, webrtc } = limits;
  return { webrtc: bounded(webrtc), hls: bounded(hls), rtsp: bounded(rtsp) };
}

function bounded(count: number): number {
  return Math.min(count, Number.MAX_SAFE_INTEGER);
}

/** Throws TypeError for a key that a record of lines cannot hold. */
export function countersOf(counters: readonly Counter[]): readonly Counter[] {
  for (const { key } of counters) oneLine(key);
  return counters.map(({ key, limit, max }) => ({ key, limit, max: bounded(max) }));
}

function oneLine(key: string): void {
  if (key === '' || key.includes('\n')) throw new TypeError('a key is one line of text');
}

export function openViewRequest(request: OpenView): object {
  const { idempotencyKey, userId } = request;
  for (const { parent, stream } of request.offers) {
    for (const key of [...stream.budgets, ...(parent?.budgets ?? [])]) oneLine(key);
  }
  return {
    sessionId: request.sessionId,
    userId,
    offers: request.offers,
    cameraLimits: finite(request.cameraLimits),
    counters: countersOf(request.counters),
    budgets: countersOf(request.budgets),
    makesRoom: request.makesRoom,
    tier: request.tier,
    preempts: request.preempts,
    revokeUntilMs: request.revokeUntilMs,
    nodes: groupNodes(request.nodes),
    ranking: request.ranking.join(' '),
    ...(idempotencyKey === undefined
      ? {}
      : { idempotencyKey: `${userId} ${request.offers[0]?.stream.cameraId} ${idempotencyKey}` }),
    nowMs: request.nowMs,
    connectBeforeMs: request.connectBeforeMs,
  };
}
