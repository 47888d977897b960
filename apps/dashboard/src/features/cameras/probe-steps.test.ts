import { describe, expect, it } from 'vitest';
import { probeSteps } from './probe-steps.ts';

const failure = { ok: false, code: 'camera_refused', detail: '', elapsedMs: 3 } as const;

describe('the steps of a camera test', () => {
  it('are all passed when a picture has come', () => {
    const steps = probeSteps({ ok: true, profiles: [], elapsedMs: 412 });
    expect(steps.every(({ outcome }) => outcome === 'passed')).toBe(true);
  });

  it('tell what worked, what failed and what was not reached', () => {
    const outcomes = probeSteps({ ...failure, step: 'authenticate' }).map(({ outcome }) => outcome);
    expect(outcomes.slice(0, 4)).toEqual(['passed', 'passed', 'failed', 'not-reached']);
  });

  it('show a step of a newer control by its own name', () => {
    expect(probeSteps({ ...failure, step: 'teleport' })).toEqual([{ name: 'teleport', outcome: 'failed' }]);
  });
});
