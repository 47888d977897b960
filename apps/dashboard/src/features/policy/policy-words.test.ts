import { BooleanFact, GroupId, NumberFact, type PolicyCondition } from '@vedette/contracts';
import { describe, expect, it } from 'vitest';
import { FACTS } from './policy-facts.ts';
import { becauseWords, conditionWords, outcomeWords } from './policy-words.ts';

const names = (_fact: string, id: string) => ({ g1: 'Gates', viewer: 'Viewer' })[id];
const words = (condition: PolicyCondition) => conditionWords(condition, names);

describe('rules in words', () => {
  it('know every number and every yes or no that a rule can ask', () => {
    const known = (kind: string) => FACTS.filter((words) => words.kind === kind).map(({ fact }) => fact);
    expect(known('number').sort()).toEqual([...NumberFact.options].sort());
    expect(known('boolean').sort()).toEqual([...BooleanFact.options].sort());
  });

  it('say a grid', () => {
    expect(
      words({
        all: [
          { fact: 'tile.count', op: '>', value: 9 },
          { fact: 'tile.width', op: '<', value: 640 },
        ],
      }),
    ).toBe('the number of tiles is more than 9 and the width of the tile is less than 640 px');
    expect(words({ all: [] })).toBe('always');
  });

  it('use the names of what they speak of, and brackets where one could read them wrongly', () => {
    const gates: PolicyCondition = { fact: 'camera.group', in: [GroupId.parse('g1'), GroupId.parse('g2')] };
    expect(words(gates)).toBe('a group of the camera is Gates or g2');
    const either: PolicyCondition = { any: [gates, { fact: 'network.udp', is: false }] };
    expect(words({ all: [either, { fact: 'viewer.role', in: ['viewer'] }] })).toBe(
      '(a group of the camera is Gates or g2 or UDP does not get through) and the role of who watches is Viewer',
    );
  });

  it('turn round a condition in its own words', () => {
    expect(words({ not: { fact: 'network.udp', is: true } })).toBe('UDP does not get through');
    expect(words({ not: { fact: 'viewer.role', in: ['viewer'] } })).toBe(
      'the role of who watches is not Viewer',
    );
    expect(words({ not: { any: [{ fact: 'network.udp', is: true }] } })).toBe('not (UDP gets through)');
  });

  it('say the hours and whose they are', () => {
    const within = { days: [1, 2, 3, 4, 5], from: '22:00', to: '06:00', timeZone: 'Europe/Berlin' };
    expect(words({ fact: 'time', within })).toBe(
      'it is weekdays 22:00 to 06:00 the next day (Europe/Berlin)',
    );
  });

  it('say what is given', () => {
    expect(outcomeWords({ protocols: ['hls'], profiles: ['sub', 'main'], maxViewers: 1 })).toEqual([
      'only HLS',
      'the small stream, else the large stream',
      'at most 1 viewer of the camera',
    ]);
    expect(outcomeWords({ deny: true, preempt: false })).toEqual(['refuse', 'takes no other view’s place']);
  });

  it('put what control says of a fact into words', () => {
    const said = (because: string) => becauseWords(because, names);
    expect(said('tile.count is 4, which is not > 9.')).toBe(
      'The number of tiles is 4, which is not more than 9.',
    );
    expect(said('node.cpu is 0.004729335, which is not >= 0.85.')).toBe(
      'The load of the least busy node is 0 cores, which is not at least 0.85 cores.',
    );
    expect(said('camera.group is g2, g1, which is among g1.')).toBe(
      'A group of the camera is g2, Gates, which is Gates.',
    );
    expect(said('network.udp is no.')).toBe('UDP does not get through.');
    expect(said('Turned round: network.udp is not known.')).toBe(
      'Turned round: Whether UDP gets through is not known.',
    );
    expect(said('It holds always.')).toBe('It holds always.');
    expect(said('It is not within 06:00 to 18:00 on the days named (UTC).')).toContain('not within');
  });
});
