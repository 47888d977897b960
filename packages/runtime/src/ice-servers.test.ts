import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { iceServersFor } from './ice-servers.ts';

const options = {
  stun: ['stun:stun.example:3478'],
  turn: ['turn:turn.example:3478?transport=udp', 'turns:turn.example:443?transport=tcp'],
  turnSecret: 'a secret of some length',
};
const AT = Date.UTC(2026, 0, 1, 10, 20);

describe('iceServersFor', () => {
  it('gives TURN credentials that coturn can check: the end of their life and the user, signed', () => {
    const [stun, turn] = iceServersFor(options, 'user_1', AT);
    expect(stun).toEqual({ urls: ['stun:stun.example:3478'] });
    expect(turn?.urls).toEqual(options.turn);
    const [expiry, user] = turn?.username?.split(':') ?? [];
    expect(user).toBe('user_1');
    expect(Number(expiry) * 1000 - AT).toBeGreaterThanOrEqual(3600_000);
    expect(Number(expiry) * 1000 - AT).toBeLessThanOrEqual(7200_000);
    expect(turn?.credential).toBe(
      createHmac('sha1', options.turnSecret).update(`${expiry}:user_1`).digest('base64'),
    );
  });

  it('gives a user the same credentials for a while, and each user others', () => {
    const of = (user: string, at: number) => iceServersFor(options, user, at)[1]?.credential;
    expect(of('a', AT)).toBe(of('a', AT + 60_000));
    expect(of('a', AT)).not.toBe(of('a', AT + 3600_000));
    expect(of('a', AT)).not.toBe(of('b', AT));
  });

  it("names the servers of the node's site, and those of no site where it has none", () => {
    const turn = ['turn:main.example?transport=tcp', 'depot=turn:depot.example?transport=udp'];
    const stun = ['depot=stun:depot.example:3478'];
    const urlsAt = (site?: string) =>
      iceServersFor({ ...options, stun, turn }, 'a', AT, site).flatMap(({ urls }) => urls);
    expect(urlsAt('depot')).toEqual(['stun:depot.example:3478', 'turn:depot.example?transport=udp']);
    expect(urlsAt('harbour')).toEqual(['turn:main.example?transport=tcp']);
    expect(urlsAt()).toEqual(['turn:main.example?transport=tcp']);
  });

  it('tells nobody of TURN servers without a secret, for which there would be no way in', () => {
    expect(iceServersFor({ ...options, turnSecret: undefined }, 'a', AT)).toEqual([
      { urls: ['stun:stun.example:3478'] },
    ]);
  });
});
