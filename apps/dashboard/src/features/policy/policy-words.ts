// Rules as a person reads them. In: conditions and outcomes. Out: sentences. What holds is decided by control alone.
import type { PolicyCondition, PolicyOutcome, PolicyTest, Protocol } from '@vedette/contracts';
import { windowWords } from '../users/grant-words.ts';
import { FACTS, type Fact, factWords } from './policy-facts.ts';

/** The name of a camera, site, group or person, by the fact that asks for it and its id. */
export type PolicyNames = (fact: Fact, id: string) => string | undefined;

const OPS = { '<': 'less than', '<=': 'at most', '>': 'more than', '>=': 'at least' } as const;
const PROTOCOLS = { webrtc: 'WebRTC', hls: 'HLS', rtsp: 'RTSP' } as const;
const PROFILES = {
  main: 'the large stream',
  sub: 'the small stream',
  lite: 'the stream every browser plays',
} as const;

export type Comparison = keyof typeof OPS;
export const COMPARISONS = (['<', '<=', '>', '>='] as const).map((value) => ({ value, label: OPS[value] }));

/** `the number of tiles is more than 1 and the width of the tile is at most 640 px`. */
export function conditionWords(condition: PolicyCondition, names: PolicyNames): string {
  if ('all' in condition) return joined(condition.all, 'and', names) ?? 'always';
  if ('any' in condition) return joined(condition.any, 'or', names) ?? 'never';
  if ('not' in condition) {
    const inner = condition.not;
    return 'fact' in inner ? testWords(inner, names, true) : `not (${conditionWords(inner, names)})`;
  }
  return testWords(condition, names, false);
}

function joined(
  conditions: readonly PolicyCondition[],
  word: 'and' | 'or',
  names: PolicyNames,
): string | undefined {
  if (conditions.length === 0) return undefined;
  return conditions
    .map((inner) => {
      const text = conditionWords(inner, names);
      const isList = ('all' in inner && inner.all.length > 1) || ('any' in inner && inner.any.length > 1);
      return isList && conditions.length > 1 ? `(${text})` : text;
    })
    .join(` ${word} `);
}

function testWords(test: PolicyTest, names: PolicyNames, isTurned: boolean): string {
  const { label, no, unit, yes } = factWords(test.fact);
  const not = isTurned ? ' not' : '';
  if ('in' in test) {
    const items = test.in.map((id) => names(test.fact, id) ?? id);
    return `${label} is${not} ${orList(items)}`;
  }
  if ('op' in test)
    return `${label} is${not} ${OPS[test.op]} ${test.value}${unit === undefined ? '' : ` ${unit}`}`;
  if ('is' in test) return (test.is !== isTurned ? yes : no) ?? label;
  return `it is${not} ${windowWords(test.within)} (${test.within.timeZone})`;
}

/** Every field of an outcome as a line of its own. */
export function outcomeWords(outcome: PolicyOutcome): readonly string[] {
  const { askReason, deny, maxViewers, preempt, profiles, protocols, record, tier, ttlSeconds } = outcome;
  return [
    deny === true && 'refuse',
    protocols !== undefined && protocolWords(protocols),
    profiles !== undefined && `${profiles.map((name) => PROFILES[name]).join(', else ')}`,
    maxViewers !== undefined &&
      `at most ${maxViewers} ${maxViewers === 1 ? 'viewer' : 'viewers'} of the camera`,
    ttlSeconds !== undefined && `keep the stream ${ttlSeconds} s after the last viewer`,
    tier !== undefined && `importance ${tier}`,
    preempt !== undefined &&
      (preempt ? 'may take the place of less important views' : 'takes no other view’s place'),
    askReason !== undefined && (askReason ? 'ask for a case number or a reason' : 'ask for no reason'),
    record !== undefined && (record ? 'to be recorded' : 'not to be recorded'),
  ].filter((line) => line !== false);
}

/** Names of the fields of an outcome, as a trace gives them. */
export const OUTCOME_NAMES: Readonly<Record<string, string>> = {
  deny: 'the refusal',
  protocols: 'the protocol',
  profiles: 'the stream',
  maxViewers: 'how many may watch',
  ttlSeconds: 'how long it is kept',
  tier: 'the importance',
  preempt: 'whose place it may take',
  askReason: 'whether a reason is asked',
  record: 'the recording',
};

export function protocolWords(protocols: readonly Protocol[]): string {
  const words = protocols.map((name) => PROTOCOLS[name]);
  return words.length === 1 ? `only ${words[0]}` : words.join(', else ');
}

/** What control says of one condition, with facts, names and comparisons in words. */
export function becauseWords(because: string, names: PolicyNames): string {
  const [, turned = '', name = '', seen = ''] =
    /^(Turned round: )?([a-z.A-Z0-9-]+) is (.*)\.$/.exec(because) ?? [];
  const words = FACTS.find(({ fact }) => fact === name);
  if (words === undefined) return because;
  const { fact, kind, label, no, unit, yes } = words;
  if (seen === 'not known')
    return `${turned}${kind === 'boolean' ? 'Whether ' : ''}${capital(label, kind)} is not known.`;
  if (kind === 'boolean') return `${turned}${capital((seen === 'yes' ? yes : no) ?? label)}.`;
  const measure = unit === undefined ? '' : ` ${unit}`;
  const [, value = '', not = '', op = '', mark = ''] =
    /^(.*), which is (not )?([<>]=?) (\S+)$/.exec(seen) ?? [];
  const comparison = COMPARISONS.find((one) => one.value === op);
  if (comparison !== undefined)
    return `${turned}${capital(label)} is ${Number(Number(value).toFixed(2))}${measure}, which is ${not}${comparison.label} ${mark}${measure}.`;
  const [, have = '', none = '', among = ''] = /^(.*), which is (not )?among (.*)$/.exec(seen) ?? [];
  if (among === '') return because;
  const called = (list: string) => list.split(', ').map((id) => names(fact, id) ?? id);
  return `${turned}${capital(label)} is ${called(have).join(', ')}, which is ${none}${orList(called(among))}.`;
}

function capital(text: string, kind?: string): string {
  return kind === 'boolean' ? text : text.charAt(0).toUpperCase() + text.slice(1);
}

function orList(items: readonly string[]): string {
  if (items.length <= 1) return items.join('');
  return `${items.slice(0, -1).join(', ')} or ${items.at(-1)}`;
}
