// Enters: compiled rules and what is known. Leaves: what they give, each with the rule that gave it.
// Pure. Not its job: what the camera has and the client can (decide-delivery.ts).
import type { PolicyOutcome, PolicyRule } from '@vedette/contracts';
import type { CompiledRule } from './compile-policy.ts';
import type { PolicyFacts } from './policy-facts.ts';

export type OutcomeName = keyof PolicyOutcome;
export type Givers = Readonly<Partial<Record<OutcomeName, PolicyRule>>>;

export interface PolicyResult {
  readonly outcome: PolicyOutcome;
  /** Which rule gave what. */
  readonly by: Givers;
}

/** The first rule that applies wins for each thing that it gives; a refusal ends it. */
export function evaluatePolicy(compiled: readonly CompiledRule[], facts: PolicyFacts): PolicyResult {
  const outcome: PolicyOutcome = {};
  const by: Partial<Record<OutcomeName, PolicyRule>> = {};
  for (const { applies, rule } of compiled) {
    if (!rule.enabled || applies(facts) !== true) continue;
    take(outcome, by, rule);
    if (outcome.deny === true) break;
  }
  return { outcome, by };
}

/** What of a rule counts, because no rule before it has given that. */
export function take(
  outcome: PolicyOutcome,
  by: Partial<Record<OutcomeName, PolicyRule>>,
  rule: PolicyRule,
): OutcomeName[] {
  const gave: OutcomeName[] = [];
  for (const name of namesOf(rule.give)) {
    if (by[name] !== undefined) continue;
    Object.assign(outcome, { [name]: rule.give[name] });
    by[name] = rule;
    gave.push(name);
  }
  return gave;
}

const NAMES: readonly OutcomeName[] = [
  'deny',
  'askReason',
  'protocols',
  'profiles',
  'maxViewers',
  'ttlSeconds',
  'record',
  'tier',
  'preempt',
];

function namesOf(give: PolicyOutcome): readonly OutcomeName[] {
  return NAMES.filter((name) => give[name] !== undefined);
}
