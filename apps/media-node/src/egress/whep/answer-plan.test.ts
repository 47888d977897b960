import type { VideoTrack } from '@vedette/media-types';
import { VedetteError } from '@vedette/runtime';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planAnswer } from './answer-plan.ts';
import { CHROMIUM_OFFER, FIREFOX_LIKE_OFFER, SAFARI_LIKE_OFFER } from './fixtures/offers.ts';

function camera(profile: number, constraints: number, codec: 'h264' | 'h265' = 'h264'): VideoTrack {
  const sps = Uint8Array.of(0x67, profile, constraints, 0x1f);
  return {
    kind: 'video',
    id: 1,
    codec,
    clockRate: 90_000,
    parameterSets: { sps, pps: Uint8Array.of(0x68) },
    width: 1280,
    height: 720,
  };
}

function codeOf(run: () => unknown): string {
  try {
    run();
    return 'none';
  } catch (error) {
    return error instanceof VedetteError ? error.code : 'not ours';
  }
}

describe('planAnswer', () => {
  it('takes the payload type with the profile of the camera itself', () => {
    expect(planAnswer(CHROMIUM_OFFER, camera(0x64, 0x00))).toMatchObject({ payloadType: 114, mid: '0' });
    expect(planAnswer(CHROMIUM_OFFER, camera(0x42, 0xe0))).toMatchObject({ payloadType: 108 });
    expect(planAnswer(SAFARI_LIKE_OFFER, camera(0x64, 0x0c))).toMatchObject({ payloadType: 96 });
  });

  it('takes constrained baseline for a profile that was not offered, and for a camera not known yet', () => {
    expect(planAnswer(CHROMIUM_OFFER, camera(0x4d, 0x00))).toMatchObject({ payloadType: 108 });
    expect(planAnswer(FIREFOX_LIKE_OFFER, camera(0x64, 0x00))).toMatchObject({ payloadType: 126 });
    expect(planAnswer(CHROMIUM_OFFER, undefined)).toMatchObject({ payloadType: 108 });
  });

  it('never takes packetization mode 0, and writes level asymmetry', () => {
    const plan = planAnswer(FIREFOX_LIKE_OFFER, camera(0x42, 0xe0));
    expect(plan.fmtp).toBe('level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f');
  });

  it('survives a codec name and a format that look like numbers', () => {
    const odd = CHROMIUM_OFFER.replace('H264/90000', '264/90000').replace(/a=fmtp:104 .*/, 'a=fmtp:104 1');
    expect(planAnswer(odd, undefined)).toMatchObject({ payloadType: 108 });
  });

  it('answers the playout delay extension only when it was offered', () => {
    expect(planAnswer(CHROMIUM_OFFER, undefined).playoutDelayId).toBe(5);
    expect(planAnswer(FIREFOX_LIKE_OFFER, undefined).playoutDelayId).toBeUndefined();
  });

  it('sends H.265 only to who offered it', () => {
    expect(planAnswer(SAFARI_LIKE_OFFER, camera(1, 0, 'h265'))).toMatchObject({
      payloadType: 100,
      codec: 'h265',
    });
    expect(codeOf(() => planAnswer(FIREFOX_LIKE_OFFER, camera(1, 0, 'h265')))).toBe('no_common_codec');
  });

  it.each([
    ['nothing', ''],
    ['JSON', '{"type":"offer"}'],
    ['an offer without media', 'v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n'],
    ['an offer without ICE', CHROMIUM_OFFER.replaceAll(/a=ice-ufrag.*\r\n/g, '')],
    ['an offer without fingerprint', CHROMIUM_OFFER.replaceAll(/a=fingerprint.*\r\n/g, '')],
  ])('refuses %s as no offer', (_name, text) => {
    expect(codeOf(() => planAnswer(text, undefined))).toBe('invalid_offer');
  });

  it('answers any bytes with a plan or one of its two refusals', () => {
    const lines = CHROMIUM_OFFER.split('\r\n');
    const mutated = fc
      .array(fc.tuple(fc.nat(lines.length - 1), fc.string()), { maxLength: 6 })
      .map((changes) => changes.reduce((all, [at, text]) => all.with(at, text), lines).join('\r\n'));
    fc.assert(
      fc.property(fc.oneof(fc.string(), mutated), (text) => {
        expect(['none', 'invalid_offer', 'no_common_codec']).toContain(
          codeOf(() => planAnswer(text, undefined)),
        );
      }),
      { numRuns: 500 },
    );
  });
});
