// A rule as a form holds it, and as control takes it. In: a rule, what was typed. Out: a rule, or what is wrong with
// it. A condition that nests deeper than a list of tests has no form; it is shown as JSON alone.
import {
  PolicyCondition,
  type PolicyOutcome,
  PolicyRule,
  type PolicyTest,
  type TimeWindow,
} from '@vedette/contracts';
import { type Fact, factWords } from './policy-facts.ts';
import type { Comparison } from './policy-words.ts';

/** Every field of every kind of test, so that changing the fact and back loses nothing. */
export interface TestForm {
  readonly fact: Fact;
  readonly not: boolean;
  readonly values: readonly string[];
  readonly op: Comparison;
  readonly number: string;
  readonly is: boolean;
  readonly within: TimeWindow;
}

/** Empty says nothing, so that a later rule may. */
export interface OutcomeForm {
  /** Best first, apart by commas. */
  readonly protocols: string;
  readonly profiles: readonly string[];
  readonly maxViewers: string;
  readonly ttlSeconds: string;
  readonly tier: string;
  readonly preempt: '' | 'yes' | 'no';
  readonly askReason: '' | 'yes' | 'no';
  readonly record: '' | 'yes' | 'no';
  readonly deny: boolean;
}

export interface RuleForm {
  readonly id: string;
  readonly name: string;
  readonly enabled: boolean;
  readonly reason: string;
  readonly join: 'all' | 'any';
  /** None: always. */
  readonly tests: readonly TestForm[];
  readonly outcome: OutcomeForm;
}

const OFFICE_HOURS = { days: [1, 2, 3, 4, 5], from: '06:00', to: '18:00' };

export function emptyTest(fact: Fact): TestForm {
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
  const within = { ...OFFICE_HOURS, timeZone };
  return { fact, not: false, values: [], op: '>', number: '', is: true, within };
}

/** Undefined where the condition has no form. */
export function formOfRule(rule: PolicyRule): RuleForm | undefined {
  const found = testsOf(rule.when);
  if (found === undefined) return undefined;
  const { enabled, give, id, name, reason } = rule;
  return { id, name, enabled, reason, ...found, outcome: formOfOutcome(give) };
}

function testsOf(when: PolicyCondition): Pick<RuleForm, 'join' | 'tests'> | undefined {
  const join = 'any' in when ? 'any' : 'all';
  const list = 'all' in when ? when.all : 'any' in when ? when.any : [when];
  const tests: TestForm[] = [];
  for (const each of list) {
    const not = 'not' in each;
    const test = not ? each.not : each;
    if (!('fact' in test)) return undefined;
    tests.push({ ...formOfTest(test), not });
  }
  return { join, tests };
}

function formOfTest(test: PolicyTest): TestForm {
  const form = emptyTest(test.fact);
  if ('in' in test) return { ...form, values: test.in };
  if ('op' in test) return { ...form, op: test.op, number: String(test.value) };
  if ('is' in test) return { ...form, is: test.is };
  return { ...form, within: test.within };
}

function formOfOutcome(give: PolicyOutcome): OutcomeForm {
  const number = (value: number | undefined) => (value === undefined ? '' : String(value));
  const yesNo = (value: boolean | undefined) => (value === undefined ? '' : value ? 'yes' : 'no');
  return {
    protocols: (give.protocols ?? []).join(','),
    profiles: give.profiles ?? [],
    maxViewers: number(give.maxViewers),
    ttlSeconds: number(give.ttlSeconds),
    tier: number(give.tier),
    preempt: yesNo(give.preempt),
    askReason: yesNo(give.askReason),
    record: yesNo(give.record),
    deny: give.deny === true,
  };
}

/** As JSON; whether it is a rule, `readRule` says. */
export function jsonOfForm(form: RuleForm): object {
  const tests = form.tests.map(jsonOfTest);
  const [only] = tests;
  return {
    id: form.id,
    name: form.name.trim(),
    enabled: form.enabled,
    when: tests.length === 1 ? only : { [form.join]: tests },
    give: jsonOfOutcome(form.outcome),
    reason: form.reason.trim(),
  };
}

function jsonOfTest({ fact, is, not, number, op, values, within }: TestForm): object {
  const { kind } = factWords(fact);
  const test = {
    list: { fact, in: values },
    number: { fact, op, value: number.trim() === '' ? null : Number(number) },
    boolean: { fact, is },
    time: { fact, within },
  }[kind];
  return not ? { not: test } : test;
}

function jsonOfOutcome(form: OutcomeForm): object {
  const number = (name: string, typed: string) => (typed.trim() === '' ? {} : { [name]: Number(typed) });
  const yesNo = (name: string, value: '' | 'yes' | 'no') => (value === '' ? {} : { [name]: value === 'yes' });
  return {
    ...(form.deny ? { deny: true } : {}),
    ...(form.protocols === '' ? {} : { protocols: form.protocols.split(',') }),
    ...(form.profiles.length === 0 ? {} : { profiles: form.profiles }),
    ...number('maxViewers', form.maxViewers),
    ...number('ttlSeconds', form.ttlSeconds),
    ...number('tier', form.tier),
    ...yesNo('preempt', form.preempt),
    ...yesNo('askReason', form.askReason),
    ...yesNo('record', form.record),
  };
}

/** What is wrong with a test, in words; undefined when nothing is. */
export function testProblem(test: TestForm): string | undefined {
  if (PolicyCondition.safeParse(jsonOfTest(test)).success) return undefined;
  switch (factWords(test.fact).kind) {
    case 'list':
      if (test.values.length === 0) return 'Choose or enter at least one.';
      return test.fact === 'viewer.network'
        ? 'Enter networks as 10.0.0.0/8, apart by commas.'
        : 'Not understood.';
    case 'number':
      return 'Enter a number.';
    case 'time':
      return 'Choose days and hours, and a time zone.';
    case 'boolean':
      return 'Not understood.';
  }
}

export type ReadRule =
  | { readonly ok: true; readonly rule: PolicyRule }
  /** By path, `give.maxViewers`; the empty path is the whole. */
  | { readonly ok: false; readonly errors: ReadonlyMap<string, string> };

/** A rule out of JSON, as the form or a person wrote it. */
export function readRule(json: unknown): ReadRule {
  const result = PolicyRule.safeParse(json);
  if (result.success) return { ok: true, rule: result.data };
  const errors = new Map<string, string>();
  for (const { path, message } of result.error.issues) {
    const key = path.join('.');
    if (!errors.has(key)) errors.set(key, message);
  }
  return { ok: false, errors };
}

/** An id out of the name that no other rule has. */
export function newRuleId(name: string, taken: readonly string[]): string {
  const slug = name
    .toLowerCase()
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 50)
    .replace(/-+$/, '');
  const base = slug === '' ? 'rule' : slug;
  if (!taken.includes(base)) return base;
  for (let count = 2; ; count += 1) if (!taken.includes(`${base}-${count}`)) return `${base}-${count}`;
}
