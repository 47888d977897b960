import type { AudioTrack, Track } from '@vedette/media-types';
import { parse } from 'sdp-transform';
import { describe, expect, it } from 'vitest';
import { readOffer } from '../../webrtc/offer.ts';
import { planAnswer } from './answer-plan.ts';
import { plannedOffer, REPORTS_MID, writeWhepAnswer } from './answer-sdp.ts';
import { CHROMIUM_SOUND_OFFER, FIREFOX_LIKE_OFFER, SAFARI_LIKE_OFFER } from './fixtures/offers.ts';

const PCMA: AudioTrack = { kind: 'audio', id: 2, codec: 'pcma', clockRate: 8000, channels: 1 };
const LIBRARY = [
  'v=0',
  'm=video 9 UDP/TLS/RTP/SAVPF 108',
  'a=mid:0',
  'a=setup:active',
  'a=ice-ufrag:mine',
  'a=ice-pwd:secretsecretsecretsecret',
  'a=fingerprint:sha-256 AB:CD',
  'a=rtcp-rsize',
  'a=candidate:1 1 UDP 1 10.0.0.1 8189 typ host',
  'a=end-of-candidates',
  '',
].join('\r\n');
const network = { udpPort: 8189, publicHosts: ['203.0.113.9'] };
const sources = { cname: 'name', videoSsrc: 7, audioSsrc: 8 };

function answer(offerSdp: string, ...tracks: Track[]): string {
  const offer = readOffer(offerSdp);
  return writeWhepAnswer({ offer, plan: planAnswer(offer, tracks), librarySdp: LIBRARY, sources, network });
}

describe('writeWhepAnswer', () => {
  it.each([
    ['Chromium', CHROMIUM_SOUND_OFFER],
    ['Firefox', FIREFOX_LIKE_OFFER],
    ['Safari', SAFARI_LIKE_OFFER],
  ])(
    'answers every section of %s in its place, only with what was offered, sending only',
    (_name, offerSdp) => {
      const offered = parse(offerSdp).media;
      const answered = parse(answer(offerSdp)).media;
      expect(answered.map(({ type, mid }) => [type, mid])).toEqual(
        offered.map(({ type, mid }) => [type, mid]),
      );
      for (const [index, media] of answered.entries()) {
        expect(media.direction).toBe('sendonly');
        const payloads = String(offered[index]?.payloads).split(' ');
        for (const payload of String(media.payloads).split(' ')) expect(payloads).toContain(payload);
        expect(media).toMatchObject({ rtcpMux: 'rtcp-mux', iceUfrag: 'mine', setup: 'active' });
        // Reduced-size reports would come apart from the sources that they are about.
        expect(media.rtcpRsize).toBeUndefined();
      }
    },
  );

  it('gives no two codecs one payload type, over all sections', () => {
    const numbers = [...answer(SAFARI_LIKE_OFFER).matchAll(/a=rtpmap:(\d+)/g)].map(([, number]) => number);
    expect(new Set(numbers).size).toBe(numbers.length);
  });

  it('says inactive where nothing is sent, and declines what we do not know', () => {
    const data = 'm=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\nc=IN IP4 0.0.0.0\r\na=mid:2\r\n';
    const parsed = parse(answer(CHROMIUM_SOUND_OFFER + data, PCMA));
    expect(parsed.media.map(({ direction, port }) => [direction, port])).toEqual([
      ['inactive', 9],
      ['sendonly', 9],
      ['inactive', 0],
    ]);
    expect(parsed.groups).toEqual([{ type: 'BUNDLE', mids: '0 1' }]);
  });

  it('tells the candidates once, those of the configuration among them', () => {
    const lines = answer(CHROMIUM_SOUND_OFFER).split('\r\n');
    const candidates = lines.filter((line) => line.startsWith('a=candidate:'));
    expect(candidates).toHaveLength(2);
    expect(candidates[1]).toMatch(/203\.0\.113\.9 8189 typ host$/);
    expect(lines.indexOf('a=end-of-candidates')).toBeGreaterThan(lines.indexOf(candidates[1] ?? ''));
  });

  it('never tells a browser of the section that only the library knows', () => {
    const offer = readOffer(CHROMIUM_SOUND_OFFER);
    expect(plannedOffer(offer, planAnswer(offer, []))).toContain(REPORTS_MID);
    expect(answer(CHROMIUM_SOUND_OFFER)).not.toContain(REPORTS_MID);
  });
});
