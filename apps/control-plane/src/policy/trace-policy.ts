// Enters: rules and what is known. Leaves: rule by rule what became of it and why, in words.
// The same checks as evaluate-policy.ts, one condition at a time; only for people who ask.
import type { PolicyCondition, PolicyOutcome, PolicyRule, PolicyTest, PolicyTrace } from '@vedette/contracts';
import type { LocalTimes } from '../access/local-time.ts';
import { compileCondition, type Truth } from './compile-policy.ts';
import { type OutcomeName, take } from './evaluate-policy.ts';
import type { PolicyFacts } from './policy-facts.ts';

export function tracePolicy(
  rules: readonly PolicyRule[],
  facts: PolicyFacts,
  times: LocalTimes,
): PolicyTrace[] {
  const outcome: PolicyOutcome = {};
  const by: Partial<Record<OutcomeName, PolicyRule>> = {};
  return rules.map((rule): PolicyTrace => {
    const about = { rule: rule.id, name: rule.name, gave: [] };
    if (!rule.enabled) return { ...about, result: 'off', because: ['The rule is switched off.'] };
    if (outcome.deny === true)
      return { ...about, result: 'after-deny', because: ['A rule before it has refused.'] };
    const truth = compileCondition(rule.when, times)(facts);
    const because = reasons(rule.when, facts, times, truth);
    if (truth === undefined) return { ...about, result: 'unknown', because };
    if (!truth) return { ...about, result: 'does-not-apply', because };
    return { ...about, result: 'applies', gave: take(outcome, by, rule), because };
  });
}

/** The tests that made the condition come out as it did. */
function reasons(condition: PolicyCondition, facts: PolicyFacts, times: LocalTimes, truth: Truth): string[] {
  if ('all' in condition || 'any' in condition) {
    const inner = 'all' in condition ? condition.all : condition.any;
    if (inner.length === 0) return ['It holds always.'];
    return inner.flatMap((each) => {
      const own = compileCondition(each, times)(facts);
      return own === truth ? reasons(each, facts, times, own) : [];
    });
  }
  if ('not' in condition) {
    const own = compileCondition(condition.not, times)(facts);
    return reasons(condition.not, facts, times, own).map((reason) => `Turned round: ${reason}`);
  }
  return [sentence(condition, facts, truth)];
}

function sentence(test: PolicyTest, facts: PolicyFacts, truth: Truth): string {
  const seen = seenOf(test, facts);
  if (truth === undefined) return `${test.fact} is not known.`;
  const not = truth ? '' : 'not ';
  if ('in' in test) return `${test.fact} is ${seen}, which is ${not}among ${test.in.join(', ')}.`;
  if ('op' in test) return `${test.fact} is ${seen}, which is ${not}${test.op} ${test.value}.`;
  if ('is' in test) return `${test.fact} is ${seen}.`;
  return `It is ${not}within ${test.within.from} to ${test.within.to} on the days named (${test.within.timeZone}).`;
}

function seenOf(test: PolicyTest, facts: PolicyFacts): string {
  switch (test.fact) {
    case 'camera.id':
      return facts.cameraId;
    case 'camera.tag':
      return facts.tags.join(', ') || 'none';
    case 'camera.group':
      return facts.groupIds.join(', ') || 'none';
    case 'camera.site':
      return facts.siteId ?? 'none';
    case 'camera.kind':
      return facts.kind;
    case 'viewer.role':
      return facts.role;
    case 'viewer.id':
      return facts.viewerId ?? 'not known';
    case 'viewer.network':
      return facts.address ?? 'not known';
    case 'dashboard':
      return facts.dashboard ?? 'not known';
    case 'time':
      return new Date(facts.nowMs).toISOString();
    case 'network.udp':
    case 'client.webrtc':
    case 'client.hls':
    case 'client.h264':
    case 'client.h265':
    case 'tile.fits-sub':
      return facts.booleans[test.fact] === true ? 'yes' : 'no';
    default:
      return String(facts.numbers[test.fact]);
  }
}
