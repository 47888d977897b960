import { PolicyRule } from '@vedette/contracts';
import { describe, expect, it } from 'vitest';
import { emptyTest, formOfRule, jsonOfForm, newRuleId, readRule, testProblem } from './rule-form.ts';

const grid = PolicyRule.parse({
  id: 'grid',
  name: 'Small tiles',
  when: {
    all: [
      { fact: 'tile.count', op: '>', value: 9 },
      { not: { fact: 'viewer.role', in: ['admin'] } },
      { fact: 'network.udp', is: true },
      { fact: 'time', within: { days: [1], from: '06:00', to: '14:00', timeZone: 'UTC' } },
    ],
  },
  give: { protocols: ['webrtc', 'hls'], profiles: ['sub', 'main'], tier: 0, preempt: false, maxViewers: 0 },
  reason: 'grid',
});

describe('the form of a rule', () => {
  it('gives back the rule that it was given', () => {
    const form = formOfRule(grid);
    expect(form && readRule(jsonOfForm(form))).toEqual({ ok: true, rule: grid });
  });

  it('holds one test alone, either of several, and none for always', () => {
    for (const when of [
      { fact: 'network.udp', is: false } as const,
      { any: [{ fact: 'network.udp', is: false } as const, { fact: 'client.hls', is: true } as const] },
      { all: [] },
    ]) {
      const form = formOfRule({ ...grid, when });
      expect(form && readRule(jsonOfForm(form))).toMatchObject({ rule: { when } });
    }
  });

  it('has none for conditions within conditions, which stay JSON', () => {
    expect(formOfRule({ ...grid, when: { any: [{ all: [] }] } })).toBeUndefined();
    expect(formOfRule({ ...grid, when: { not: { all: [] } } })).toBeUndefined();
  });

  it('says which field is wrong', () => {
    const form = formOfRule(grid);
    if (form === undefined) throw new Error('no form');
    const wrong = readRule(jsonOfForm({ ...form, name: ' ', outcome: { ...form.outcome, tier: '12' } }));
    expect(wrong.ok ? [] : [...wrong.errors.keys()]).toEqual(['name', 'give.tier']);
  });

  it('says what a test lacks', () => {
    expect(testProblem(emptyTest('viewer.role'))).toBe('Choose or enter at least one.');
    expect(testProblem(emptyTest('tile.count'))).toBe('Enter a number.');
    expect(testProblem({ ...emptyTest('viewer.network'), values: ['10.0.0.1'] })).toContain('10.0.0.0/8');
    expect(testProblem({ ...emptyTest('viewer.network'), values: ['10.0.0.0/8'] })).toBeUndefined();
    expect(testProblem(emptyTest('network.udp'))).toBeUndefined();
    expect(testProblem(emptyTest('time'))).toBeUndefined();
  });

  it('makes an id that no other rule has', () => {
    expect(newRuleId('Nächte im Hafen!', [])).toBe('nachte-im-hafen');
    expect(newRuleId('Grid', ['grid', 'grid-2'])).toBe('grid-3');
    expect(newRuleId('!', [])).toBe('rule');
  });
});
