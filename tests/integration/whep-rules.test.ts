import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { splitAnnexB } from '@vedette/bitstream';
import type { FrameSink, VideoTrack } from '@vedette/media-types';
import { parse } from 'sdp-transform';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CHROMIUM_SOUND_OFFER } from '../../apps/media-node/src/egress/whep/fixtures/offers.ts';
import { ClipFeeder } from '../support/clip-feeder.ts';
import { eventually } from '../support/eventually.ts';
import { WebrtcListener } from '../support/webrtc-listener.ts';
import { PAGE_ORIGIN, WhepNode } from '../support/whep-node.ts';

const clip = (name: string) => fileURLToPath(new URL(`../../fixtures/clips/${name}`, import.meta.url));
const CLIP = clip('gate-sub.h264');

/** What an encoder with one B-frame after each P-frame sends: pictures in decode order, shown in another. */
function withBFrames(sink: FrameSink): FrameSink {
  let count = 0;
  return {
    tracks: (tracks) => sink.tracks(tracks),
    frame: (frame) => {
      const shift = frame.key ? 0 : count++ % 2 === 0 ? 18_000 : 0;
      sink.frame({ ...frame, ptsTicks: frame.ptsTicks + shift });
    },
  };
}

function h265Track(): VideoTrack {
  const sets = splitAnnexB(readFileSync(clip('gate-sub.h265')));
  const set = (type: number) => {
    const found = sets.find((nal) => (((nal[0] ?? 0) >> 1) & 0x3f) === type);
    if (found === undefined) throw new Error('the clip has no parameter sets');
    return found;
  };
  const parameterSets = { vps: set(32), sps: set(33), pps: set(34) };
  return { kind: 'video', id: 1, codec: 'h265', clockRate: 90_000, parameterSets, width: 640, height: 360 };
}

describe('the rules of WHEP (draft-ietf-wish-whep-03)', () => {
  let node: WhepNode;
  let feeder: ClipFeeder;

  beforeAll(async () => {
    node = await WhepNode.start();
    feeder = new ClipFeeder({ file: CLIP, fps: 10, sink: node.hub('cam_live') });
    node.hub('cam_full');
  });
  afterAll(async () => {
    feeder[Symbol.dispose]();
    await node[Symbol.asyncDispose]();
  });

  const auth = (token: string) => ({ authorization: `Bearer ${token}` });
  const post = (token: string, path = 'cam_live', body = CHROMIUM_SOUND_OFFER, type = 'application/sdp') =>
    fetch(node.url(path), { method: 'POST', headers: { ...auth(token), 'content-type': type }, body });
  const patch = (url: string, token: string, headers: Record<string, string>, body = '') =>
    fetch(url, {
      method: 'PATCH',
      headers: { ...auth(token), 'content-type': 'application/trickle-ice-sdpfrag', ...headers },
      body,
    });
  const locationOf = (response: Response) =>
    new URL(response.headers.get('location') ?? '', node.address).href;

  it('answers an offer with 201, all candidates, an address nobody guesses, ETag and ICE servers', async () => {
    const response = await post('rules', 'cam_live', CHROMIUM_SOUND_OFFER, 'application/sdp; charset=utf-8');
    expect(response.status).toBe(201);
    expect(response.headers.get('content-type')).toBe('application/sdp');
    expect(response.headers.get('location')).toMatch(/^\/whep\/cam_live\/[\w-]{24}$/);
    expect(response.headers.get('etag')).toMatch(/^"[\w-]{16}"$/);
    const answer = await response.text();
    expect(answer).toMatch(/a=candidate:.* 127\.0\.0\.1 \d+ typ host[\s\S]*a=end-of-candidates/);
    expect(parse(answer).media.map((media) => media.direction)).toEqual(['sendonly', 'sendonly']);
  });

  it('quotes TURN credentials in the Link header', async () => {
    const response = await post('link');
    expect(response.headers.get('link')).toBe(
      '<stun:stun.example:3478>; rel="ice-server", <turn:turn.example?transport=udp>; rel="ice-server"; username="1:a\\"b"; credential="c\\\\d="; credential-type="password"',
    );
  });

  it('says 415 of a wrong type, 400 of no SDP, 406 of no common codec, 409 of a camera that is not live, 503 of load, with Retry-After', async () => {
    const vp8 = CHROMIUM_SOUND_OFFER.replaceAll('H264', 'VP8');
    const answers = await Promise.all([
      post('s1', 'cam_live', '{}', 'application/json'),
      post('s2', 'cam_live', 'hello'),
      post('s3', 'cam_live', vp8),
      post('s4', 'cam_offline'),
      post('s5', 'cam_full'),
      post('s6', 'cam_live', `${CHROMIUM_SOUND_OFFER}${'a=x\r\n'.repeat(20_000)}`),
    ]);
    expect(answers.map((answer) => answer.status)).toEqual([415, 400, 406, 409, 503, 413]);
    expect(answers.map((answer) => answer.headers.get('retry-after'))).toEqual([
      null,
      null,
      null,
      '2',
      '2',
      null,
    ]);
  });

  it('takes candidates by PATCH: 204 without ETag, 428 without If-Match, 412 with a wrong one, * is any', async () => {
    const opened = await post('patch');
    const url = locationOf(opened);
    const etag = opened.headers.get('etag') ?? '';
    const candidate = 'a=mid:0\r\na=candidate:1 1 udp 2113937151 127.0.0.1 50000 typ host\r\n';
    const right = await patch(url, 'patch', { 'if-match': etag }, candidate);
    expect([right.status, right.headers.get('etag')]).toEqual([204, null]);
    expect((await patch(url, 'patch', { 'if-match': '*' }, candidate)).status).toBe(204);
    expect((await patch(url, 'patch', {}, candidate)).status).toBe(428);
    expect((await patch(url, 'patch', { 'if-match': '"other"' }, candidate)).status).toBe(412);
    expect((await patch(`${node.url('cam_live')}/none`, 'patch', { 'if-match': '*' })).status).toBe(404);
  });

  it('refuses an ICE restart by 422 and keeps the session', async () => {
    const url = locationOf(await post('restart'));
    const restart = 'a=ice-ufrag:efgh\r\na=ice-pwd:other\r\n';
    expect((await patch(url, 'restart', { 'if-match': '*' }, restart)).status).toBe(422);
    expect((await patch(url, 'restart', { 'if-match': '*' }, 'a=ice-ufrag:abcd\r\n')).status).toBe(204);
  });

  it('bears a flood of candidates, names and nonsense', async () => {
    const url = locationOf(await post('flood'));
    const lines = Array.from({ length: 500 }, (_, n) =>
      n % 2 === 0
        ? `a=candidate:${n} 1 udp 2113937151 127.0.0.1 ${1000 + n} typ host`
        : `a=candidate:${n} 1 udp 1 00000000-0000-0000-0000-00000000000${n % 10}.local 50000 typ host\r\na=candidate:`,
    );
    expect((await patch(url, 'flood', { 'if-match': '*' }, lines.join('\r\n'))).status).toBe(204);
  });

  it('ends a session by DELETE, whatever ETag is given, once', async () => {
    const url = locationOf(await post('delete'));
    const remove = () => fetch(url, { method: 'DELETE', headers: { ...auth('delete'), 'if-match': '"x"' } });
    expect((await remove()).status).toBe(200);
    expect((await remove()).status).toBe(404);
  });

  it('lets a page of a known origin ask without credentials what it may send, and read what it needs', async () => {
    const preflight = await fetch(node.url('cam_live'), {
      method: 'OPTIONS',
      headers: {
        origin: PAGE_ORIGIN,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization,content-type,if-match',
      },
    });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get('access-control-allow-headers')).toMatch(
      /authorization.*content-type.*if-match/i,
    );
    const answer = await fetch(node.url('cam_live'), {
      method: 'POST',
      headers: { ...auth('cors'), origin: PAGE_ORIGIN, 'content-type': 'application/sdp' },
      body: CHROMIUM_SOUND_OFFER,
    });
    expect(answer.headers.get('access-control-expose-headers')).toMatch(/Location.*ETag.*Link/i);
  });

  it('refuses a stream with B-frames, and ends a session that meets them, with a reason', async () => {
    using _seen = new ClipFeeder({ file: CLIP, fps: 30, sink: withBFrames(node.hub('cam_b')) });
    await eventually('a group of pictures', () => node.hub('cam_b').gop().frames.length > 4);
    const refused = await post('b1', 'cam_b');
    expect(refused.status).toBe(406);
    expect(await refused.json()).toMatchObject({ code: 'has_b_frames' });

    const later = node.hub('cam_later');
    await using viewer = await WebrtcListener.open({ url: node.url('cam_later'), token: 'b2' });
    await eventually('connected', () => viewer.state === 'connected');
    using _later = new ClipFeeder({ file: CLIP, fps: 30, sink: withBFrames(later) });
    await eventually('its end', () =>
      node.left.some(({ sessionId, reason }) => sessionId === 'b2' && reason === 'has_b_frames'),
    );
  });

  it('ends a session whose camera turns out to send what was not negotiated, so that the player asks again', async () => {
    const hub = node.hub('cam_cold265');
    await using viewer = await WebrtcListener.open({ url: node.url('cam_cold265'), token: 'cold265' });
    await eventually('connected', () => viewer.state === 'connected');
    hub.tracks([h265Track()]);
    await eventually('its end', () =>
      node.left.some(({ sessionId, reason }) => sessionId === 'cold265' && reason === 'no_common_codec'),
    );
    expect((await post('again', 'cam_cold265')).status).toBe(406);
  });

  it('sends parameter sets before every key frame, in the same time stamp', async () => {
    await using viewer = await WebrtcListener.open({ url: node.url('cam_live'), token: 'sets' });
    const typeOf = ({ packet }: WebrtcListener['video'][number]) => {
      const type = (packet.payload[0] ?? 0) & 0x1f;
      return type === 28 ? (packet.payload[1] ?? 0) & 0x1f : type;
    };
    await eventually(
      'a live key frame',
      () => viewer.video.filter((seen) => typeOf(seen) === 7).length >= 2,
      {
        withinMs: 6000,
      },
    );
    for (const key of viewer.video.filter((seen) => typeOf(seen) === 5)) {
      const types = viewer.video
        .filter(({ packet }) => packet.timestamp === key.packet.timestamp)
        .map(typeOf);
      expect(types.slice(0, 2)).toEqual([7, 8]);
    }
    expect(Math.max(...viewer.video.map(({ packet }) => packet.payload.length))).toBeLessThanOrEqual(1188);
  });
});
