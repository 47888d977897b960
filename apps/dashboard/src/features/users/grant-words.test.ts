import { type Grant, GroupId, SiteId } from '@vedette/contracts';
import { describe, expect, it } from 'vitest';
import { dayWords, grantsSummary, scopeWords, untilWords, windowWords } from './grant-words.ts';

const early = { days: [1, 2, 3, 4, 5], from: '06:00', to: '14:00', timeZone: 'Europe/Berlin' };
const site = (id: string, rest: Omit<Grant, 'scope'> = {}): Grant => ({
  scope: { kind: 'site', id: SiteId.parse(id) },
  ...rest,
});

describe('what somebody may watch, in a few words', () => {
  it('counts what was given, and says hours and ends that all share', () => {
    expect(grantsSummary('viewer', [])).toBe('No camera');
    expect(grantsSummary('viewer', [{ scope: { kind: 'all' } }])).toBe('Every camera');
    expect(grantsSummary('operator', [site('s1', { window: early }), site('s2', { window: early })])).toBe(
      '2 sites, weekdays 06:00 to 14:00',
    );
    const group: Grant = { scope: { kind: 'group', id: GroupId.parse('g1') } };
    expect(grantsSummary('operator', [site('s1', { window: early }), group])).toBe(
      '1 site and 1 group, hours differ',
    );
  });

  it('is every camera for roles that see all', () => {
    expect(grantsSummary('admin', [])).toBe('Every camera');
    expect(grantsSummary('auditor', [site('s1')])).toBe('Every camera');
  });

  it('names days as people do', () => {
    expect(dayWords([7, 6])).toBe('weekends');
    expect(dayWords([1, 2, 3, 4, 5, 6, 7])).toBe('every day');
    expect(dayWords([4, 1, 2, 3])).toBe('Mon to Thu');
    expect(dayWords([5, 1])).toBe('Mon, Fri');
    expect(dayWords([1, 2])).toBe('Mon, Tue');
  });

  it('says when hours run over midnight', () => {
    expect(windowWords({ days: [5], from: '22:00', to: '06:00' })).toBe('Fri 22:00 to 06:00 the next day');
  });

  it('says the end in the time of who reads it, and the hour where it matters', () => {
    expect(untilWords(new Date(2026, 11, 3).toISOString())).toBe('until 3 December 2026');
    expect(untilWords(new Date(2026, 11, 3, 14, 30).toISOString())).toBe('until 3 December 2026, 14:30');
  });

  it('says so when what was given is gone', () => {
    expect(scopeWords(site('s1').scope, () => undefined)).toBe('Site s1, no longer there');
    expect(scopeWords(site('s1').scope, () => 'Harbour')).toBe('Harbour');
  });
});
