import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { followEdge } from './live-edge.ts';

describe('following the live edge', () => {
  it('plays at the camera’s pace when it is where it should be', () => {
    expect(followEdge({ latency: 0.8, target: 0.75, ahead: 0.7 })).toEqual({ type: 'rate', rate: 1 });
  });

  it('plays faster when it is late, as long as there is something to play', () => {
    expect(followEdge({ latency: 1.75, target: 0.75, ahead: 1.5 })).toEqual({ type: 'rate', rate: 1.25 });
    expect(followEdge({ latency: 1.05, target: 0.75, ahead: 0.9 })).toEqual({ type: 'rate', rate: 1.15 });
    expect(followEdge({ latency: 1.75, target: 0.75, ahead: 0.2 })).toEqual({ type: 'rate', rate: 1 });
  });

  it('jumps when it is far behind', () => {
    expect(followEdge({ latency: 9, target: 0.75, ahead: 8 })).toEqual({ type: 'seek' });
  });

  it('never plays slower than the camera, nor so fast that it hurts the eye', () => {
    const seconds = fc.double({ min: 0, max: 60, noNaN: true });
    fc.assert(
      fc.property(seconds, seconds, seconds, (latency, target, ahead) => {
        const action = followEdge({ latency, target, ahead });
        if (action.type === 'seek') return;
        expect(action.rate).toBeGreaterThanOrEqual(1);
        expect(action.rate).toBeLessThanOrEqual(1.25);
      }),
    );
  });
});
