import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type MeasuredNode, nodesWanted } from './capacity.ts';

const node = (change: Partial<MeasuredNode['load']> = {}, maxWebrtcViewers = 100): MeasuredNode => ({
  load: { cpu: 0, eventLoopDelayP99Ms: 1, webrtcViewers: 0, egressBitsPerSecond: 0, ...change },
  maxWebrtcViewers,
});

describe('how many nodes are needed', () => {
  it('is one and a spare while there is nothing to do', () => {
    expect(nodesWanted([])).toBe(1);
    expect(nodesWanted([node(), node(), node()])).toBe(2);
  });

  it('follows what is scarcer, and a node that is late', () => {
    expect(nodesWanted([node({ cpu: 0.9 }), node({ cpu: 0.9 })])).toBe(4);
    expect(nodesWanted([node({ webrtcViewers: 100 }), node({ webrtcViewers: 100 })])).toBe(4);
    expect(nodesWanted([node({ cpu: 0.5, eventLoopDelayP99Ms: 80 })])).toBe(3);
  });

  it('never falls when a load rises', () => {
    const load = fc.record({
      cpu: fc.double({ min: 0, max: 1, noNaN: true }),
      webrtcViewers: fc.nat(100),
      eventLoopDelayP99Ms: fc.nat(200),
    });
    fc.assert(
      fc.property(fc.array(load, { minLength: 1, maxLength: 20 }), fc.nat(19), (loads, which) => {
        const before = loads.map((each) => node(each));
        const after = loads.map((each, i) =>
          node(i === which % loads.length ? { ...each, cpu: each.cpu + 0.5, webrtcViewers: 100 } : each),
        );
        expect(nodesWanted(after)).toBeGreaterThanOrEqual(nodesWanted(before));
      }),
    );
  });
});
