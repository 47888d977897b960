import { Limits } from '@vedette/contracts';
import { describe, expect, it } from 'vitest';
import { limitsFormOf, limitsOf, quotaSum } from './limits-form.ts';

const limits = Limits.parse({
  tenantViews: 300,
  quotaGroups: [{ name: 'Police', pattern: 'police_*', maxViews: 50 }],
});

describe('the form of the limits', () => {
  it('gives back what it was given', () => {
    expect(limitsOf(limitsFormOf(limits))).toEqual(limits);
  });

  it('takes an empty field as no limit where that is possible, and never as nought', () => {
    const form = { ...limitsFormOf(limits), tenantViews: ' ', viewsPerUser: '' };
    expect(limitsOf(form).tenantViews).toBeNull();
    expect(limitsOf(form).viewsPerUser).toBeNaN();
  });

  it('writes patterns as paths are written', () => {
    const [group] = limitsOf({
      ...limitsFormOf(limits),
      quotaGroups: [{ name: ' Fire ', pattern: ' FIRE_* ', maxViews: '30' }],
    }).quotaGroups;
    expect(group).toEqual({ name: 'Fire', pattern: 'fire_*', maxViews: 30 });
  });

  it('adds up what the groups may use', () => {
    expect(
      quotaSum([
        { name: '', pattern: '', maxViews: '50' },
        { name: '', pattern: '', maxViews: 'x' },
      ]),
    ).toBe(50);
  });
});
