// Enters: rules as data. Leaves: the same rules ready to be asked a thousand times a second.
// Three-valued logic (Kleene): what is not known is neither true nor false, and a rule applies only when it is true.
import { BlockList, isIPv6 } from 'node:net';
import type { PolicyCondition, PolicyRule, PolicyTest } from '@vedette/contracts';
import type { LocalTimes } from '../access/local-time.ts';
import type { PolicyFacts } from './policy-facts.ts';

/** Undefined: not known. */
export type Truth = boolean | undefined;
type Check = (facts: PolicyFacts) => Truth;

export interface CompiledRule {
  readonly rule: PolicyRule;
  readonly applies: Check;
}

export function compilePolicy(rules: readonly PolicyRule[], times: LocalTimes): readonly CompiledRule[] {
  return rules.map((rule) => ({ rule, applies: compileCondition(rule.when, times) }));
}

export function compileCondition(condition: PolicyCondition, times: LocalTimes): Check {
  if ('all' in condition) {
    const checks = condition.all.map((inner) => compileCondition(inner, times));
    return (facts) => {
      let result: Truth = true;
      for (const check of checks) {
        const truth = check(facts);
        if (truth === false) return false;
        if (truth === undefined) result = undefined;
      }
      return result;
    };
  }
  if ('any' in condition) {
    const checks = condition.any.map((inner) => compileCondition(inner, times));
    return (facts) => {
      let result: Truth = false;
      for (const check of checks) {
        const truth = check(facts);
        if (truth === true) return true;
        if (truth === undefined) result = undefined;
      }
      return result;
    };
  }
  if ('not' in condition) {
    const check = compileCondition(condition.not, times);
    return (facts) => {
      const truth = check(facts);
      return truth === undefined ? undefined : !truth;
    };
  }
  return compileTest(condition, times);
}

function compileTest(test: PolicyTest, times: LocalTimes): Check {
  switch (test.fact) {
    case 'camera.id':
      return memberOf<string>(test.in, ({ cameraId }) => cameraId);
    case 'camera.kind':
      return memberOf<string>(test.in, ({ kind }) => kind);
    case 'camera.site':
      // A camera without a site is at none of them.
      return memberOf<string>(test.in, ({ siteId }) => siteId ?? '');
    case 'camera.tag':
      return someOf<string>(
        test.in.map((tag) => tag.toLowerCase()),
        ({ tags }) => tags,
      );
    case 'camera.group':
      return someOf<string>(test.in, ({ groupIds }) => groupIds);
    case 'viewer.role':
      return memberOf<string>(test.in, ({ role }) => role);
    case 'viewer.id':
      return memberOf<string>(test.in, ({ viewerId }) => viewerId);
    case 'dashboard':
      return memberOf<string>(test.in, ({ dashboard }) => dashboard);
    case 'viewer.network':
      return inNetworks(test.in);
    case 'time':
      return ({ nowMs }) => times.isWithin(test.within, nowMs);
    case 'network.udp':
    case 'client.webrtc':
    case 'client.hls':
    case 'client.h264':
    case 'client.h265':
    case 'tile.fits-sub': {
      const { fact, is } = test;
      return ({ booleans }) => {
        const value = booleans[fact];
        return value === undefined ? undefined : value === is;
      };
    }
    case 'camera.tier':
    case 'camera.viewers':
    case 'network.rttMs':
    case 'tile.width':
    case 'tile.height':
    case 'tile.count':
    case 'node.cpu': {
      const { fact, op, value: mark } = test;
      return ({ numbers }) => {
        const value = numbers[fact];
        return value === undefined ? undefined : compare(value, op, mark);
      };
    }
  }
}

function compare(value: number, op: '<' | '<=' | '>' | '>=', mark: number): boolean {
  switch (op) {
    case '<':
      return value < mark;
    case '<=':
      return value <= mark;
    case '>':
      return value > mark;
    case '>=':
      return value >= mark;
  }
}

function memberOf<T>(list: readonly T[], of: (facts: PolicyFacts) => T | undefined): Check {
  const set = new Set(list);
  return (facts) => {
    const value = of(facts);
    return value === undefined ? undefined : set.has(value);
  };
}

function someOf<T>(list: readonly T[], of: (facts: PolicyFacts) => readonly T[]): Check {
  const set = new Set(list);
  return (facts) => of(facts).some((value) => set.has(value));
}

function inNetworks(networks: readonly string[]): Check {
  const list = new BlockList();
  for (const network of networks) {
    const [address = '', bits = ''] = network.split('/');
    list.addSubnet(address, Number(bits), isIPv6(address) ? 'ipv6' : 'ipv4');
  }
  return ({ address }) => {
    if (address === undefined) return undefined;
    const plain = address.replace(/^::ffff:(?=\d+\.)/i, '');
    return list.check(plain, isIPv6(plain) ? 'ipv6' : 'ipv4');
  };
}
