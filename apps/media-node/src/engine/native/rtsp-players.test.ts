import type { MediaClaims, ReasonCode } from '@vedette/contracts';
import { describe, expect, it } from 'vitest';
import { RtspPlayers } from './rtsp-players.ts';

function player(bytesSent: number) {
  const closed: ReasonCode[] = [];
  return {
    claims: { sid: 's1' } as MediaClaims,
    path: 'cam_a',
    clientAddress: '127.0.0.1',
    stats: () => ({ bytesSent, framesSent: 2, framesDropped: 1 }),
    close: (reason: ReasonCode) => void closed.push(reason),
    closed,
  };
}

describe('the players of one view', () => {
  it('are all sent away when it is revoked', () => {
    const [first, second] = [player(10), player(20)];
    const players = new RtspPlayers(first);
    players.add(second);
    players.close('revoked');
    expect([first.closed, second.closed]).toEqual([['revoked'], ['revoked']]);
  });

  it('count together, those that have left as well', () => {
    const [first, second] = [player(10), player(20)];
    const players = new RtspPlayers(first);
    players.add(second);
    expect(players.remove(first)).toBe(true);
    expect(players.remove(first)).toBe(false);
    expect(players.size).toBe(1);
    expect(players.stats()).toEqual({ bytesSent: 30, framesSent: 4, framesDropped: 2 });
  });
});
