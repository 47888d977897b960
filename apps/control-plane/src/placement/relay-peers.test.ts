import { NodeId, type RelayIdentity } from '@vedette/contracts';
import { describe, expect, it } from 'vitest';
import { type RelayNode, relayPeersOf, whoOpens } from './relay-peers.ts';

const id = (name: string) => NodeId.parse(name);
const identity = (name: string, isReachable: boolean): RelayIdentity => ({
  sha256: Buffer.from(name).toString('hex').padEnd(64, '0'),
  ...(isReachable ? { address: { host: `${name}.example`, port: 8555 } } : {}),
});
const node = (name: string, isReachable: boolean, isEdge = false): RelayNode => ({
  id: id(name),
  isEdge,
  relay: identity(name, isReachable),
});
const [a, b, edge, hidden] = [
  node('a', true),
  node('b', true),
  node('edge', false, true),
  node('hidden', false),
];
const old: RelayNode = { id: id('old'), isEdge: false, relay: undefined };
const nodes = new Map([a, b, edge, hidden, old].map((one) => [one.id, one]));

describe('whom a node has to know', () => {
  it('in the core: the taker dials, the giver only knows who may come', () => {
    const takings = [{ taker: b.id, giver: a.id }];
    expect(relayPeersOf(b.id, takings, nodes)).toEqual([
      { nodeId: 'a', ...identity('a', true), offer: false },
    ]);
    expect(relayPeersOf(a.id, takings, nodes)).toEqual([
      { nodeId: 'b', ...identity('b', false), offer: false },
    ]);
    expect(relayPeersOf(edge.id, takings, nodes)).toEqual([]);
  });

  it('of an edge: it opens the connection and keeps it open, the core waits for it', () => {
    const takings = [{ taker: b.id, giver: edge.id }];
    expect(relayPeersOf(edge.id, takings, nodes)).toEqual([
      { nodeId: 'b', ...identity('b', true), offer: true },
    ]);
    expect(relayPeersOf(b.id, takings, nodes)).toEqual([
      { nodeId: 'edge', ...identity('edge', false), offer: false },
    ]);
    expect(whoOpens(b, node('seen', true, true))).toBe('giver');
  });

  it('where two take from each other: one entry, and each dials for what it takes', () => {
    const takings = [
      { taker: b.id, giver: a.id },
      { taker: a.id, giver: b.id },
    ];
    expect(relayPeersOf(a.id, takings, nodes)).toEqual([
      { nodeId: 'b', ...identity('b', true), offer: false },
    ]);
    expect(relayPeersOf(b.id, takings, nodes)).toEqual([
      { nodeId: 'a', ...identity('a', true), offer: false },
    ]);
  });

  it('where neither can reach the other, or one is too old: nobody', () => {
    expect(whoOpens(hidden, edge)).toBe('nobody');
    expect(whoOpens(old, a)).toBe('nobody');
    expect(whoOpens(undefined, a)).toBe('nobody');
    expect(relayPeersOf(hidden.id, [{ taker: hidden.id, giver: edge.id }], nodes)).toEqual([]);
    expect(relayPeersOf(a.id, [{ taker: a.id, giver: a.id }], nodes)).toEqual([]);
  });
});
