import {
  BooleanFact,
  CameraId,
  GroupId,
  HOME_TENANT,
  NumberFact,
  PolicyCondition,
  Role,
  SiteId,
  UserId,
} from '@vedette/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LocalTimes } from '../access/local-time.ts';
import { compileCondition } from './compile-policy.ts';
import type { PolicyFacts } from './policy-facts.ts';

const times = new LocalTimes();

function facts(change: Partial<PolicyFacts> = {}): PolicyFacts {
  return {
    cameraId: CameraId.parse('c1'),
    tags: ['entrance'],
    groupIds: [GroupId.parse('g1')],
    siteId: SiteId.parse('s1'),
    kind: 'rtsp',
    viewerId: UserId.parse('u1'),
    role: 'operator',
    address: '10.1.2.3',
    dashboard: undefined,
    numbers: unknownNumbers(),
    booleans: unknownBooleans(),
    nowMs: Date.UTC(2026, 10, 20, 12),
    ...change,
  };
}

function unknownNumbers(): Record<NumberFact, number | undefined> {
  return {
    'camera.tier': undefined,
    'camera.viewers': undefined,
    'network.rttMs': undefined,
    'tile.width': undefined,
    'tile.height': undefined,
    'tile.count': undefined,
    'node.cpu': undefined,
  };
}

function unknownBooleans(): Record<BooleanFact, boolean | undefined> {
  return {
    'network.udp': undefined,
    'client.webrtc': undefined,
    'client.hls': undefined,
    'client.h264': undefined,
    'client.h265': undefined,
    'tile.fits-sub': undefined,
  };
}

const holds = (condition: unknown, change: Partial<PolicyFacts> = {}) =>
  compileCondition(PolicyCondition.parse(condition), times)(facts(change));

describe('a condition', () => {
  it.each<[unknown, boolean | undefined]>([
    [{ fact: 'camera.tag', in: ['Entrance', 'gate'] }, true],
    [{ fact: 'camera.tag', in: ['gate'] }, false],
    [{ fact: 'camera.site', in: ['s1'] }, true],
    [{ fact: 'camera.group', in: ['g2'] }, false],
    [{ fact: 'camera.kind', in: ['onvif'] }, false],
    [{ fact: 'viewer.role', in: ['operator'] }, true],
    [{ fact: 'viewer.network', in: ['10.0.0.0/8', '2001:db8::/32'] }, true],
    [{ fact: 'viewer.network', in: ['192.168.0.0/16'] }, false],
    [{ fact: 'dashboard', in: ['wall'] }, undefined],
    [{ fact: 'tile.count', op: '>', value: 9 }, undefined],
    [{ fact: 'network.udp', is: false }, undefined],
    [{ not: { fact: 'network.udp', is: false } }, undefined],
    [{ all: [] }, true],
    [
      {
        any: [
          { fact: 'network.udp', is: false },
          { fact: 'camera.id', in: ['c1'] },
        ],
      },
      true,
    ],
    [
      {
        all: [
          { fact: 'network.udp', is: false },
          { fact: 'camera.id', in: ['c2'] },
        ],
      },
      false,
    ],
    [
      {
        all: [
          { fact: 'network.udp', is: false },
          { fact: 'camera.id', in: ['c1'] },
        ],
      },
      undefined,
    ],
  ])('%j is %s', (condition, expected) => {
    expect(holds(condition)).toBe(expected);
  });

  it('about numbers compares as it says', () => {
    const numbers = { ...unknownNumbers(), 'tile.width': 640 };
    const about = (op: string) => holds({ fact: 'tile.width', op, value: 640 }, { numbers });
    expect([about('<'), about('<='), about('>'), about('>=')]).toEqual([false, true, false, true]);
  });

  it('about networks knows IPv4 inside IPv6', () => {
    const address = '::ffff:10.1.2.3';
    expect(holds({ fact: 'viewer.network', in: ['10.0.0.0/8'] }, { address })).toBe(true);
    expect(holds({ fact: 'viewer.network', in: ['2001:db8::/32'] }, { address: '2001:db8::7' })).toBe(true);
  });

  it('about time follows the clocks of its place', () => {
    const within = { days: [5], from: '12:30', to: '14:00', timeZone: 'Europe/Berlin' };
    // Friday, 12:00 UTC: 13:00 in Berlin.
    expect(holds({ fact: 'time', within })).toBe(true);
    expect(holds({ fact: 'time', within: { ...within, timeZone: 'UTC' } })).toBe(false);
  });

  it('is refused where it asks for what nobody knows, or nests too deep', () => {
    for (const wrong of [
      { fact: 'camera.owner', in: ['x'] },
      { fact: 'tile.count', op: '=', value: 1 },
      { fact: 'viewer.network', in: ['10.0.0.0/33'] },
      { fact: 'time', within: { days: [8], from: '1:00', to: '2:00', timeZone: 'Mars/One' } },
      { any: [] },
      { not: { not: { not: { not: { not: { fact: 'network.udp', is: true } } } } } },
    ])
      expect(PolicyCondition.safeParse(wrong).success, JSON.stringify(wrong)).toBe(false);
  });
});

const test = fc.oneof(
  fc.record({ fact: fc.constantFrom(...BooleanFact.options), is: fc.boolean() }),
  fc.record({
    fact: fc.constantFrom(...NumberFact.options),
    op: fc.constantFrom('<', '<=', '>', '>='),
    value: fc.integer({ min: 0, max: 3 }),
  }),
  fc.record({ fact: fc.constant('viewer.role'), in: fc.subarray([...Role.options], { minLength: 1 }) }),
);
const condition = fc
  .letrec<{ any: unknown }>((tie) => ({
    any: fc.oneof(
      { maxDepth: 3 },
      test,
      fc.record({ all: fc.array(tie('any'), { maxLength: 3 }) }),
      fc.record({ any: fc.array(tie('any'), { minLength: 1, maxLength: 3 }) }),
      fc.record({ not: tie('any') }),
    ),
  }))
  .any.map((each) => PolicyCondition.parse(each));
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
const someFacts = fc
  .record({
    booleans: fc.record(
      Object.fromEntries(BooleanFact.options.map((fact) => [fact, maybe(fc.boolean())])) as Record<
        BooleanFact,
        fc.Arbitrary<boolean | undefined>
      >,
    ),
    numbers: fc.record(
      Object.fromEntries(
        NumberFact.options.map((fact) => [fact, maybe(fc.integer({ min: 0, max: 3 }))]),
      ) as Record<NumberFact, fc.Arbitrary<number | undefined>>,
    ),
    role: fc.constantFrom(...Role.options),
  })
  .map((known) => facts(known));

/** The same with what was not known made up. */
function completed({ booleans, numbers, ...rest }: PolicyFacts, yes: boolean, number: number): PolicyFacts {
  const filled = <T>(record: Readonly<Record<string, T | undefined>>, value: T) =>
    Object.fromEntries(Object.entries(record).map(([name, known]) => [name, known ?? value]));
  return {
    ...rest,
    booleans: { ...unknownBooleans(), ...filled(booleans, yes) },
    numbers: { ...unknownNumbers(), ...filled(numbers, number) },
  };
}

describe('what is not known', () => {
  it('never decides: a condition that holds, or does not, stays so whatever turns out', () => {
    fc.assert(
      fc.property(
        condition,
        someFacts,
        fc.boolean(),
        fc.integer({ min: 0, max: 3 }),
        (when, known, yes, n) => {
          const check = compileCondition(when, times);
          const truth = check(known);
          if (truth !== undefined) expect(check(completed(known, yes, n))).toBe(truth);
        },
      ),
      { numRuns: 400 },
    );
  });

  it('is not there when everything is known', () => {
    fc.assert(
      fc.property(condition, someFacts, (when, known) => {
        expect(compileCondition(when, times)(completed(known, true, 1))).toBeTypeOf('boolean');
      }),
    );
  });

  it('follows the laws: twice turned round is the same, and all is not any turned round', () => {
    fc.assert(
      fc.property(condition, condition, someFacts, (a, b, known) => {
        const is = (each: PolicyCondition) => compileCondition(each, times)(known);
        expect(is({ not: { not: a } })).toBe(is(a));
        expect(is({ all: [a, b] })).toBe(is({ not: { any: [{ not: a }, { not: b }] } }));
      }),
    );
  });
});

describe('tenants', () => {
  it('need no condition: rules belong to one', () => {
    expect(PolicyCondition.safeParse({ fact: 'viewer.tenant', in: [HOME_TENANT] }).success).toBe(false);
  });
});
