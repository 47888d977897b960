import type { ProfileName } from '@vedette/contracts';
import { describe, expect, it } from 'vitest';
import { avoidBFrames, type Offer } from './avoid-b-frames.ts';

const offer = (text: string): Offer => {
  const [profile = '', protocol = ''] = text.split(' ');
  return { profile: profile as ProfileName, protocol: protocol as Offer['protocol'] };
};
function avoided(
  offers: readonly string[],
  change: { profiles?: ProfileName[]; isAskedFor?: boolean; reordered?: ProfileName[] } = {},
) {
  const { isAskedFor = false, profiles = ['main', 'sub'], reordered = ['main'] } = change;
  const answer = avoidBFrames({
    offers: offers.map(offer),
    profiles,
    isAskedFor,
    hasBFrames: (profile) => reordered.includes(profile),
  });
  return [
    answer.offers.map(({ profile, protocol }) => `${profile} ${protocol}`),
    answer.steps.map(({ result, rule }) => `${rule}: ${result}`),
  ];
}

describe('a stream with B-frames', () => {
  it('is offered by HLS, never by WebRTC', () => {
    expect(avoided(['main webrtc', 'main hls'])).toEqual([['main hls'], ['b-frames: main by hls']]);
    expect(avoided(['main hls', 'main webrtc'])).toEqual([['main hls'], ['b-frames: main by hls']]);
    expect(avoided(['sub webrtc', 'sub hls'], { reordered: ['sub'] })[0]).toEqual(['sub hls']);
  });

  it('gives way to what we make of it where there is that, HLS of itself after it', () => {
    expect(avoided(['main webrtc', 'main hls'], { profiles: ['main', 'lite'] })).toEqual([
      ['lite webrtc', 'lite hls', 'main hls'],
      ['b-frames: lite by webrtc'],
    ]);
    expect(avoided(['main webrtc'], { profiles: ['main', 'lite'] })[0]).toEqual(['lite webrtc']);
  });

  it('stays the one that was asked for, and sub never becomes something larger', () => {
    expect(avoided(['main webrtc', 'main hls'], { profiles: ['main', 'lite'], isAskedFor: true })[0]).toEqual(
      ['main hls'],
    );
    expect(
      avoided(['sub webrtc', 'sub hls'], {
        profiles: ['main', 'sub', 'lite'],
        reordered: ['main', 'sub'],
      })[0],
    ).toEqual(['sub hls']);
  });

  it('is left to the node where nothing else can be offered', () => {
    expect(avoided(['main webrtc'])).toEqual([['main webrtc'], []]);
  });

  it('is no matter for others, and not for HLS and RTSP', () => {
    for (const offers of [['sub webrtc', 'sub hls'], ['main hls'], ['main rtsp']])
      expect(avoided(offers)).toEqual([offers, []]);
  });
});
