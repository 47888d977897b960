import { readFileSync } from 'node:fs';
import { splitAnnexB } from '@vedette/bitstream';
import type { AudioCodec, AudioTrack, Track, VideoTrack } from '@vedette/media-types';
import { VedetteError } from '@vedette/runtime';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readOffer } from '../../webrtc/offer.ts';
import { planAnswer } from './answer-plan.ts';
import {
  CHROMIUM_H265_OFFER,
  CHROMIUM_OFFER,
  CHROMIUM_SOUND_OFFER,
  FIREFOX_LIKE_OFFER,
  SAFARI_LIKE_OFFER,
} from './fixtures/offers.ts';

function camera(profile: number, constraints: number): VideoTrack {
  const sps = Uint8Array.of(0x67, profile, constraints, 0x1f);
  const parameterSets = { sps, pps: Uint8Array.of(0x68) };
  return { kind: 'video', id: 1, codec: 'h264', clockRate: 90_000, parameterSets, width: 1280, height: 720 };
}

const CLIP_H265 = new URL('../../../../../fixtures/clips/gate-sub.h265', import.meta.url);
const [vps, sps, pps] = splitAnnexB(readFileSync(CLIP_H265)).filter((nal) =>
  [32, 33, 34].includes(((nal[0] ?? 0) >> 1) & 0x3f),
);

/** Main profile, main tier; `bits` of general_profile_space to general_profile_idc as in its SPS, changed. */
function h265Camera(profileByte = 0x01): VideoTrack {
  const changed = Uint8Array.from(sps ?? []);
  changed[3] = profileByte;
  return {
    ...camera(0, 0),
    codec: 'h265',
    parameterSets: { vps: vps ?? changed, sps: changed, pps: pps ?? changed },
  };
}

function sound(codec: AudioCodec, clockRate = 8000, channels = 1): AudioTrack {
  return { kind: 'audio', id: 2, codec, clockRate, channels };
}

const plan = (offer: string, ...tracks: Track[]) => planAnswer(readOffer(offer), tracks);
const video = (offer: string, ...tracks: Track[]) => plan(offer, ...tracks).video?.formats;
const audio = (offer: string, ...tracks: Track[]) => plan(offer, ...tracks).audio?.formats;

function codeOf(run: () => unknown): string {
  try {
    run();
    return 'none';
  } catch (error) {
    return error instanceof VedetteError ? error.code : 'not ours';
  }
}

describe('pictures in an answer', () => {
  it('take the payload type with the profile of the camera itself, and no other', () => {
    expect(video(CHROMIUM_OFFER, camera(0x64, 0x00))).toMatchObject([{ payloadType: 114 }]);
    expect(video(CHROMIUM_OFFER, camera(0x42, 0xe0))).toMatchObject([{ payloadType: 108 }]);
    expect(video(SAFARI_LIKE_OFFER, camera(0x64, 0x0c))).toMatchObject([{ payloadType: 96 }]);
  });

  it('take constrained baseline for a profile that was not offered (Safari has no 42001f), and for a camera not known yet', () => {
    expect(video(CHROMIUM_OFFER, camera(0x4d, 0x00))).toMatchObject([{ payloadType: 108 }]);
    expect(video(SAFARI_LIKE_OFFER, camera(0x42, 0x00))).toMatchObject([{ payloadType: 98 }]);
    expect(video(FIREFOX_LIKE_OFFER, camera(0x64, 0x00))).toMatchObject([{ payloadType: 126 }]);
    expect(video(CHROMIUM_OFFER)).toMatchObject([{ payloadType: 108 }]);
  });

  it('never take packetization mode 0, and write mode, profile and level asymmetry, which Firefox needs', () => {
    expect(video(FIREFOX_LIKE_OFFER, camera(0x42, 0xe0))?.[0]?.fmtp).toBe(
      'level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f',
    );
  });

  it('carry the playout delay extension only when it was offered', () => {
    expect(plan(CHROMIUM_OFFER).video?.playoutDelayId).toBe(5);
    expect(plan(FIREFOX_LIKE_OFFER).video?.playoutDelayId).toBeUndefined();
  });

  it('leave the browser free to hold them back for sound that is made, which comes late', () => {
    const delayId = (...tracks: Track[]) => plan(CHROMIUM_SOUND_OFFER, ...tracks).video?.playoutDelayId;
    expect(delayId(camera(0x42, 0xe0), sound('aac', 48_000, 2))).toBeUndefined();
    expect(delayId(camera(0x42, 0xe0), sound('pcma'))).toBe(5);
    expect(plan(CHROMIUM_OFFER, camera(0x42, 0xe0), sound('aac')).video?.playoutDelayId).toBe(5);
  });

  it('are H.265 only for who offered it, whatever level was made up', () => {
    expect(video(SAFARI_LIKE_OFFER, h265Camera())).toMatchObject([{ payloadType: 100, codec: 'h265' }]);
    expect(video(CHROMIUM_H265_OFFER, h265Camera())).toMatchObject([{ payloadType: 51, codec: 'h265' }]);
    expect(codeOf(() => plan(FIREFOX_LIKE_OFFER, h265Camera()))).toBe('no_common_codec');
    expect(codeOf(() => plan(CHROMIUM_OFFER, h265Camera()))).toBe('no_common_codec');
  });

  it('are H.265 of the offered profile, tier and transmission mode alone', () => {
    expect(video(CHROMIUM_H265_OFFER, h265Camera(0x02))).toMatchObject([{ payloadType: 49 }]);
    expect(codeOf(() => plan(SAFARI_LIKE_OFFER, h265Camera(0x02)))).toBe('no_common_codec');
    expect(codeOf(() => plan(SAFARI_LIKE_OFFER, h265Camera(0x21)))).toBe('no_common_codec');
    const other = SAFARI_LIKE_OFFER.replace('SRST', 'MRST');
    expect(codeOf(() => plan(other, h265Camera()))).toBe('no_common_codec');
  });

  it('leave both codecs open while the camera is not known', () => {
    expect(video(SAFARI_LIKE_OFFER)?.map(({ codec }) => codec)).toEqual(['h264', 'h265']);
    expect(video(FIREFOX_LIKE_OFFER)?.map(({ codec }) => codec)).toEqual(['h264']);
  });
});

describe('sound in an answer', () => {
  it.each([
    ['opus', 48_000, 2, 111],
    ['pcmu', 8000, 1, 0],
    ['pcma', 8000, 1, 8],
    ['g722', 16_000, 1, 9],
  ] as const)(
    'is %s as the camera sends it, in that payload type alone',
    (codec, rate, channels, payloadType) => {
      expect(audio(CHROMIUM_SOUND_OFFER, camera(0x42, 0xe0), sound(codec, rate, channels))).toMatchObject([
        { codec, payloadType },
      ]);
    },
  );

  it.each([
    sound('aac', 48_000, 2),
    sound('mp3', 44_100, 2),
    sound('g726'),
    sound('l16', 16_000),
    sound('pcmu', 16_000),
    sound('pcma', 8000, 2),
  ])('is Opus for $codec at $clockRate Hz and $channels channels, which browsers do not take', (track) => {
    expect(audio(CHROMIUM_SOUND_OFFER, camera(0x42, 0xe0), track)).toMatchObject([{ codec: 'opus' }]);
  });

  it('says stereo where it is', () => {
    const of = (channels: number) => audio(CHROMIUM_SOUND_OFFER, sound('opus', 48_000, channels))?.[0]?.fmtp;
    expect(of(2)).toContain('stereo=1');
    expect(of(1)).not.toContain('stereo=1');
  });

  it('leaves all open that passes while the camera is not known', () => {
    expect(audio(FIREFOX_LIKE_OFFER)?.map(({ payloadType }) => payloadType)).toEqual([109, 0, 8, 9]);
  });

  it('is left out when the browser wants none, or only wants to speak', () => {
    expect(audio(CHROMIUM_OFFER, camera(0x42, 0xe0), sound('pcmu'))).toBeUndefined();
    const speaking = CHROMIUM_SOUND_OFFER.replace(/a=recvonly(?![\s\S]*a=recvonly)/, 'a=sendonly');
    expect(audio(speaking, camera(0x42, 0xe0), sound('pcmu'))).toBeUndefined();
  });

  it('is all there is of a radio, and pictures are not awaited', () => {
    expect(plan(CHROMIUM_SOUND_OFFER, sound('aac', 44_100, 2))).toMatchObject({
      video: undefined,
      audio: { mid: '1', formats: [{ codec: 'opus' }] },
    });
    expect(codeOf(() => plan(CHROMIUM_OFFER, sound('aac', 44_100, 2)))).toBe('no_common_codec');
  });
});

describe('readOffer', () => {
  it.each([
    ['nothing', ''],
    ['JSON', '{"type":"offer"}'],
    ['an offer without media', 'v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n'],
    ['an offer without ICE', CHROMIUM_OFFER.replaceAll(/a=ice-ufrag.*\r\n/g, '')],
    ['an offer without fingerprint', CHROMIUM_OFFER.replaceAll(/a=fingerprint.*\r\n/g, '')],
    ['two sections of one name', CHROMIUM_SOUND_OFFER.replace('a=mid:1', 'a=mid:0')],
  ])('refuses %s as no offer', (_name, text) => {
    expect(codeOf(() => readOffer(text))).toBe('invalid_offer');
  });

  it('keeps at most 30 candidates, and none that needs a name looked up, TCP, or a port that is none', () => {
    const candidate = (n: number) => `a=candidate:${n} 1 udp 2113937151 10.0.0.${n} 50000 typ host\r\n`;
    const many = Array.from({ length: 40 }, (_, n) => candidate(n)).join('');
    expect(readOffer(CHROMIUM_OFFER + many).candidates).toHaveLength(30);
    const odd = [
      'a=candidate:1 1 udp 2113937151 0f0f0f0f-1111-2222-3333-444444444444.local 50000 typ host',
      'a=candidate:2 1 udp 2113937151 metadata.example 50000 typ host',
      'a=candidate:3 1 tcp 1518280447 10.0.0.1 9 typ host tcptype active',
      'a=candidate:4 1 udp 2113937151 10.0.0.1 port typ host',
    ];
    expect(readOffer(`${CHROMIUM_OFFER + odd.join('\r\n')}\r\n${candidate(7)}`).candidates).toHaveLength(1);
  });

  it.each([
    ['a payload type', 'a=rtpmap:9'],
    ['a codec', 'a=rtpmap:108 264/90000'],
    ['a format', 'a=fmtp:108 1'],
  ])('reads %s that looks like a number', (_name, line) => {
    const text = `${CHROMIUM_OFFER}${line}\r\n`;
    expect(['none', 'invalid_offer', 'no_common_codec']).toContain(codeOf(() => plan(text)));
  });

  it('answers any bytes with a plan or one of its two refusals', () => {
    const lines = CHROMIUM_SOUND_OFFER.split('\r\n');
    const mutated = fc
      .array(fc.tuple(fc.nat(lines.length - 1), fc.string()), { maxLength: 6 })
      .map((changes) => changes.reduce((all, [at, text]) => all.with(at, text), lines).join('\r\n'));
    fc.assert(
      fc.property(fc.oneof(fc.string(), mutated), (text) => {
        expect(['none', 'invalid_offer', 'no_common_codec']).toContain(codeOf(() => plan(text)));
      }),
      { numRuns: 500 },
    );
  });
});
