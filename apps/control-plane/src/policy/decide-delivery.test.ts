import {
  type CameraProfile,
  PolicyRules,
  type ProfileName,
  type Protocol,
  type Role,
  type StartRequest,
} from '@vedette/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ALICE, paperCamera } from '../../../../tests/support/viewing-harness.ts';
import { LocalTimes } from '../access/local-time.ts';
import { compilePolicy } from './compile-policy.ts';
import { decideDelivery } from './decide-delivery.ts';
import { DEFAULT_RULES } from './default-rules.ts';
import { factsOf } from './delivery-policy.ts';
import { evaluatePolicy } from './evaluate-policy.ts';

const MAIN: CameraProfile = { name: 'main', codec: 'h264', width: 1280, height: 720, frameRate: 15 };
const LITE: CameraProfile = { name: 'lite', codec: 'h264', width: 1280, height: 720, frameRate: 25 };
const SUB: CameraProfile = { name: 'sub', codec: 'h264', width: 320, height: 180, frameRate: 8 };

interface More {
  readonly profiles?: readonly CameraProfile[];
  readonly wishedProtocol?: Protocol;
  readonly role?: Role;
  readonly nodeCpu?: number;
  readonly rules?: readonly unknown[];
}

/** By the default rules, unless others are given. */
function decide(request: StartRequest = {}, more: More = {}) {
  const { nodeCpu, profiles = [MAIN, SUB], role = 'operator', rules, wishedProtocol } = more;
  const times = new LocalTimes();
  const compiled = compilePolicy(rules === undefined ? DEFAULT_RULES : PolicyRules.parse(rules), times);
  const camera = paperCamera(profiles);
  const ask = { camera, request, wishedProtocol, principal: { ...ALICE, role }, clientAddress: undefined };
  const policy = evaluatePolicy(compiled, factsOf(ask, { nodeCpu, viewers: 0, nowMs: 0 }));
  const decided = decideDelivery({ request, wishedProtocol, profiles, policy });
  const [first] = decided.offers;
  if (first === undefined) throw new Error('no offer');
  return {
    ...decided,
    profile: first.profile,
    protocols: [...new Set(decided.offers.map(({ protocol }) => protocol))],
  };
}

describe('the profile', () => {
  it.each<[string, StartRequest, ProfileName]>([
    ['an unknown tile gets main', {}, 'main'],
    ['one tile gets main, however small', { tile: { width: 300, height: 170, tiles: 1 } }, 'main'],
    ['a grid of small tiles gets sub', { tile: { width: 640, height: 360, tiles: 9 } }, 'sub'],
    ['a grid of wide tiles gets main', { tile: { width: 641, height: 360, tiles: 4 } }, 'main'],
    ['a tile that sub fills gets sub', { tile: { width: 320, height: 180 } }, 'sub'],
    ['a tile that sub does not fill gets main', { tile: { width: 321, height: 180 } }, 'main'],
    ['a wish wins over the grid', { profile: 'main', tile: { width: 300, height: 170, tiles: 16 } }, 'main'],
    [
      'a wish wins over a single tile',
      { profile: 'sub', tile: { width: 1920, height: 1080, tiles: 1 } },
      'sub',
    ],
  ])('%s', (_, request, profile) => {
    expect(decide(request).profile).toBe(profile);
  });

  it('is never one that the camera does not offer', () => {
    const tile = fc.record({
      width: fc.integer({ min: 1, max: 4000 }),
      height: fc.integer({ min: 1, max: 4000 }),
      tiles: fc.option(fc.integer({ min: 1, max: 100 }), { nil: undefined }),
    });
    fc.assert(
      fc.property(
        fc
          .subarray([MAIN, { ...MAIN, codec: 'h265' }, SUB, LITE], { minLength: 1 })
          .filter(
            (list) =>
              new Set(list.map(({ name }) => name)).size === list.length &&
              list.some(({ codec }) => codec === 'h264'),
          ),
        fc.option(fc.constantFrom<ProfileName>('main', 'sub', 'lite'), { nil: undefined }),
        fc.option(tile, { nil: undefined }),
        (profiles, profile, wall) => {
          const decided = decide({ profile, tile: wall, capabilities: { h265: false } }, { profiles });
          const playable = profiles.filter(({ codec }) => codec === 'h264');
          expect(playable.map((offered) => offered.name)).toContain(decided.profile);
        },
      ),
    );
  });

  it.each(['h265', 'H265', 'hevc', 'hvc1.1.6.L93.B0', 'hev1.1.6.L93.B0'])('knows %s as H.265', (codec) => {
    const profiles = [{ ...MAIN, codec }, SUB];
    expect(decide({ capabilities: { h265: false } }, { profiles }).profile).toBe('sub');
  });

  it('is what we make of main where main cannot be decoded, and only there', () => {
    const profiles = [{ ...MAIN, codec: 'h265' }, LITE, SUB];
    const tile = { width: 1920, height: 1080, tiles: 1 };
    const instead = decide({ tile, capabilities: { h265: false } }, { profiles });
    expect(instead.profile).toBe('lite');
    expect(instead.steps[0]).toMatchObject({ rule: 'main-not-decodable' });
    expect(decide({ tile, capabilities: { h265: true } }, { profiles }).profile).toBe('main');
    expect(decide({ tile: { width: 300, height: 170, tiles: 9 } }, { profiles }).profile).toBe('sub');
  });

  it('leaves out what the browser is known not to decode', () => {
    const profiles = [{ ...MAIN, codec: 'h265' }, SUB];
    expect(decide({ capabilities: { h265: false } }, { profiles }).profile).toBe('sub');
    expect(decide({}, { profiles }).profile).toBe('main');
    expect(() =>
      decide({ capabilities: { h265: false } }, { profiles: [{ ...MAIN, codec: 'h265' }] }),
    ).toThrow(expect.objectContaining({ code: 'no_common_codec' }));
  });
});

describe('the protocol', () => {
  it.each<[string, StartRequest, More, string[]]>([
    ['is WebRTC first when nothing is known', {}, {}, ['webrtc', 'hls']],
    ['is what was asked for: HLS', {}, { wishedProtocol: 'hls' }, ['hls']],
    ['is what was asked for: RTSP, whatever a browser could', {}, { wishedProtocol: 'rtsp' }, ['rtsp']],
    ['is what was asked for: WebRTC', {}, { wishedProtocol: 'webrtc' }, ['webrtc', 'hls']],
    ['is HLS when WebRTC cannot be played', { capabilities: { webrtc: false } }, {}, ['hls']],
    ['is HLS when UDP is blocked', { network: { udp: false } }, {}, ['hls']],
    [
      'is HLS when WebRTC was asked for but is impossible',
      { network: { udp: false } },
      { wishedProtocol: 'webrtc' },
      ['hls'],
    ],
    ['is WebRTC alone when HLS cannot be played', { capabilities: { hls: false } }, {}, ['webrtc']],
    [
      'is WebRTC when HLS was asked for but cannot be played',
      { capabilities: { hls: false } },
      { wishedProtocol: 'hls' },
      ['webrtc'],
    ],
    ['is HLS for who only watches when nodes are busy', {}, { role: 'viewer', nodeCpu: 0.9 }, ['hls']],
    [
      'stays WebRTC for operators when nodes are busy',
      {},
      { role: 'operator', nodeCpu: 0.9 },
      ['webrtc', 'hls'],
    ],
  ])('%s', (_, request, more, protocols) => {
    expect(decide(request, more).protocols).toEqual(protocols);
  });

  it('is refused when the client plays neither', () => {
    expect(() => decide({ capabilities: { webrtc: false, hls: false } })).toThrow(
      expect.objectContaining({ code: 'no_common_codec' }),
    );
  });

  it('comes with a reason for each step', () => {
    for (const step of decide().steps) {
      expect(step).toMatchObject({ step: 'policy', reason: expect.stringMatching(/\.$/) });
    }
  });
});
