import { describe, expect, it } from 'vitest';
import { PullLog } from './pull-log.ts';

describe('PullLog', () => {
  it('tells who pulls now and who did, each with its times', () => {
    let now = 1000;
    const log = new PullLog({ wallNow: () => now });
    const endFirst = log.begin('main', '10.0.0.1');
    now = 2000;
    log.begin('main', '10.0.0.2');
    now = 3000;
    endFirst();
    endFirst();
    expect(log.since(0)).toEqual([
      { profile: 'main', client: '10.0.0.1', fromMs: 1000, toMs: 3000 },
      { profile: 'main', client: '10.0.0.2', fromMs: 2000, toMs: null },
    ]);
    expect(log.since(3001)).toEqual([{ profile: 'main', client: '10.0.0.2', fromMs: 2000, toMs: null }]);
  });

  it('forgets the oldest of those that ended, never one that runs', () => {
    const log = new PullLog({ wallNow: () => 1 });
    log.begin('sub', 'stays');
    for (let i = 0; i < 5000; i++) log.begin('sub', `client ${i}`)();
    const pulls = log.since(0);
    expect(pulls.length).toBe(4001);
    expect(pulls[0]?.client).toBe('client 1000');
    expect(pulls.at(-1)).toMatchObject({ client: 'stays', toMs: null });
  });
});
