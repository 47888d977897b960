/** One connection, as far as the choice is concerned. */
export interface LeadCandidate {
  readonly connected: boolean;
  /** Its control process reaches the shared state. */
  readonly able: boolean;
  /** Of its control process. */
  readonly controlId: string;
}

/**
 * Whose word counts: the present lead while it is there and able, else the first that is both, else one that is
 * at least there. Nodes differ in whom they would take, so that the work is spread.
 */
export function chooseLead<C extends LeadCandidate>(
  present: C | undefined,
  links: readonly C[],
  nodeId: string,
): C | undefined {
  const connected = links.filter((link) => link.connected);
  const able = connected.filter((link) => link.able);
  const among = able.length > 0 ? able : connected;
  if (present !== undefined && among.includes(present)) return present;
  return among.toSorted(
    (a, b) =>
      weight(nodeId, b.controlId) - weight(nodeId, a.controlId) || (a.controlId < b.controlId ? -1 : 1),
  )[0];
}

/** FNV-1a of both names. */
function weight(nodeId: string, controlId: string): number {
  let hash = 0x811c9dc5;
  for (const unit of `${nodeId}\n${controlId}`)
    hash = Math.imul(hash ^ (unit.codePointAt(0) ?? 0), 0x01000193);
  return hash >>> 0;
}
