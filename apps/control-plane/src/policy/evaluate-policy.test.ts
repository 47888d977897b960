import { PolicyRules } from '@vedette/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ALICE, paperCamera } from '../../../../tests/support/viewing-harness.ts';
import { LocalTimes } from '../access/local-time.ts';
import { compilePolicy } from './compile-policy.ts';
import { decideDelivery } from './decide-delivery.ts';
import { DEFAULT_RULES } from './default-rules.ts';
import { factsOf } from './delivery-policy.ts';
import { evaluatePolicy } from './evaluate-policy.ts';
import { tracePolicy } from './trace-policy.ts';

const times = new LocalTimes();
const profile = (name: 'main' | 'sub' | 'lite') => ({
  name,
  codec: 'h264',
  width: name === 'sub' ? 320 : 1280,
  height: name === 'sub' ? 180 : 720,
  frameRate: 15,
});
const camera = paperCamera([profile('main'), profile('sub')]);
const ask = {
  camera,
  request: { tile: { width: 300, height: 170, tiles: 16 } },
  wishedProtocol: undefined,
  principal: ALICE,
  clientAddress: '10.0.0.1',
} as const;
const facts = factsOf(ask, { nodeCpu: 0.2, viewers: 3, nowMs: 0 });
const always = { all: [] };

function evaluate(rules: readonly unknown[]) {
  return evaluatePolicy(compilePolicy(PolicyRules.parse(rules), times), facts);
}
const rule = (id: string, give: object, when: object = always, enabled = true) => ({
  id,
  name: id,
  when,
  give,
  enabled,
  reason: `Because of ${id}.`,
});

describe('rules', () => {
  it('give what no rule before them has given', () => {
    const { by, outcome } = evaluate([
      rule('first', { profiles: ['sub'] }),
      rule('second', { profiles: ['main'], tier: 2 }),
    ]);
    expect(outcome).toEqual({ profiles: ['sub'], tier: 2 });
    expect([by.profiles?.id, by.tier?.id]).toEqual(['first', 'second']);
  });

  it('give nothing where they are off, do not apply, or nobody knows', () => {
    expect(
      evaluate([
        rule('off', { tier: 0 }, always, false),
        rule('not', { tier: 1 }, { fact: 'viewer.role', in: ['viewer'] }),
        rule('unknown', { tier: 2 }, { fact: 'network.udp', is: true }),
      ]).outcome,
    ).toEqual({});
  });

  it('that deny end it, and what is denied is refused with the reason', () => {
    const policy = evaluate([rule('night', { deny: true }), rule('later', { tier: 0 })]);
    expect(policy.outcome).toEqual({ deny: true });
    expect(() => decideDelivery({ ...ask, profiles: camera.profiles, policy })).toThrow(
      expect.objectContaining({ code: 'denied_by_policy', message: 'Because of night.' }),
    );
  });

  it('may ask for a reason, which is then needed and enough', () => {
    const policy = evaluate([rule('case', { askReason: true })]);
    const decide = (reason?: string) =>
      decideDelivery({
        request: reason === undefined ? {} : { reason },
        wishedProtocol: undefined,
        profiles: camera.profiles,
        policy,
      });
    expect(() => decide()).toThrow(expect.objectContaining({ code: 'reason_required' }));
    expect(decide('case 17').offers).not.toHaveLength(0);
  });

  it('restrict what may be wished for, and are not stopped by what is not there', () => {
    const decide = (give: object, request: object, wishedProtocol?: 'webrtc' | 'hls') =>
      decideDelivery({
        request,
        wishedProtocol,
        profiles: camera.profiles,
        policy: evaluate([rule('r', give)]),
      });
    expect(decide({ profiles: ['sub'] }, { profile: 'main' }).offers[0]?.profile).toBe('sub');
    expect(decide({ profiles: ['sub', 'main'] }, { profile: 'main' }).offers.map((o) => o.profile)).toEqual([
      'main',
      'main',
    ]);
    expect(decide({ profiles: ['lite'] }, {}).offers[0]?.profile).toBe('main');
    expect(decide({ protocols: ['hls'] }, {}, 'webrtc').offers[0]?.protocol).toBe('hls');
  });

  it('as issue writers imagine them: many small tiles get the small stream by WebRTC, then HLS', () => {
    const rules = [
      rule(
        'grid',
        { profiles: ['sub'], protocols: ['webrtc', 'hls'] },
        {
          all: [
            { fact: 'tile.count', op: '>', value: 9 },
            { fact: 'tile.width', op: '<', value: 640 },
          ],
        },
      ),
    ];
    const { offers, steps } = decideDelivery({ ...ask, profiles: camera.profiles, policy: evaluate(rules) });
    expect(offers).toEqual([
      { profile: 'sub', protocol: 'webrtc' },
      { profile: 'sub', protocol: 'hls' },
    ]);
    expect(steps[0]).toMatchObject({ rule: 'grid', reason: 'Because of grid.' });
  });
});

describe('a trace', () => {
  it('says of each rule what became of it, by which facts', () => {
    const rules = PolicyRules.parse([
      rule('off', { tier: 0 }, always, false),
      rule('udp', { tier: 1 }, { fact: 'network.udp', is: true }),
      rule('few', { tier: 2 }, { fact: 'tile.count', op: '<', value: 10 }),
      rule('many', { tier: 3 }, { not: { fact: 'tile.count', op: '<', value: 10 } }),
      rule('again', { tier: 4, ttlSeconds: 5 }),
      rule('end', { deny: true }),
      rule('never', { tier: 6 }),
    ]);
    const trace = tracePolicy(rules, facts, times);
    expect(trace.map(({ gave, result }) => [result, ...gave])).toEqual([
      ['off'],
      ['unknown'],
      ['does-not-apply'],
      ['applies', 'tier'],
      ['applies', 'ttlSeconds'],
      ['applies', 'deny'],
      ['after-deny'],
    ]);
    expect(trace[2]?.because).toEqual(['tile.count is 16, which is not < 10.']);
  });

  it('agrees with the evaluation, whatever the rules', () => {
    const give = fc.constantFrom({ tier: 1 }, { ttlSeconds: 2 }, { tier: 3, record: true }, { deny: true });
    const when = fc.constantFrom(
      always,
      { fact: 'network.udp', is: true },
      { fact: 'tile.count', op: '>', value: 9 },
      { fact: 'viewer.role', in: ['viewer'] },
    );
    const rules = fc
      .array(fc.record({ give, when, enabled: fc.boolean() }), { maxLength: 8 })
      .map((list) =>
        PolicyRules.parse(list.map((each, i) => rule(`r${i}`, each.give, each.when, each.enabled))),
      );
    fc.assert(
      fc.property(rules, (list) => {
        const { by } = evaluatePolicy(compilePolicy(list, times), facts);
        const traced = tracePolicy(list, facts, times).flatMap(({ gave, rule: id }) =>
          gave.map((name) => `${name} by ${id}`),
        );
        const evaluated = Object.entries(by).map(([name, giver]) => `${name} by ${giver?.id}`);
        expect(traced.sort()).toEqual(evaluated.sort());
      }),
    );
  });
});

describe('the default rules', () => {
  it('always leave something to show, as long as anything can be shown', () => {
    const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
    fc.assert(
      fc.property(
        fc.subarray(['main', 'sub', 'lite'] as const, { minLength: 1 }),
        maybe(fc.constantFrom('webrtc', 'hls', 'rtsp') as fc.Arbitrary<'webrtc' | 'hls' | 'rtsp'>),
        maybe(fc.boolean()),
        maybe(fc.record({ width: fc.nat(4000), height: fc.nat(4000), tiles: maybe(fc.nat(60)) })),
        fc.constantFrom('viewer', 'operator', 'admin'),
        maybe(fc.double({ min: 0, max: 2, noNaN: true })),
        (names, wishedProtocol, udp, tile, role, nodeCpu) => {
          const profiles = paperCamera(names.map(profile)).profiles;
          const request = {
            ...(udp === undefined ? {} : { network: { udp } }),
            ...(tile === undefined
              ? {}
              : { tile: { ...tile, width: tile.width + 1, height: tile.height + 1 } }),
          };
          const known = factsOf(
            { ...ask, camera: { ...camera, profiles }, request, principal: { ...ALICE, role } },
            { nodeCpu, viewers: undefined, nowMs: 0 },
          );
          const policy = evaluatePolicy(compilePolicy(DEFAULT_RULES, times), known);
          const { offers, steps } = decideDelivery({ request, wishedProtocol, profiles, policy });
          expect(offers.length).toBeGreaterThan(0);
          expect(new Set(offers.map(({ profile: p, protocol }) => `${p} ${protocol}`)).size).toBe(
            offers.length,
          );
          for (const offer of offers) expect(names).toContain(offer.profile);
          for (const step of steps) expect(step.reason).toMatch(/\.$/);
        },
      ),
    );
  });
});
