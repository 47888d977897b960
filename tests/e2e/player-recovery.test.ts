// What the player does when something breaks: Chromium against the media node's real ways out and a stand-in for control.
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Chromium } from '../support/chromium.ts';
import { eventually } from '../support/eventually.ts';
import { buildPlayer } from '../support/player-bundle.ts';
import { PLAYER_PAGE } from '../support/player-page.ts';
import { Wall } from '../support/player-wall.ts';
import { CLIPS, PlayerWorld } from '../support/player-world.ts';

let bundle: ReadonlyMap<string, string>;
let chromium: Chromium;
let world: PlayerWorld;
let page: Page;
let wall: Wall;

beforeAll(async () => {
  [bundle, chromium] = await Promise.all([buildPlayer(), Chromium.launch()]);
});
afterAll(() => chromium?.close());
beforeEach(async () => {
  world = await PlayerWorld.start(bundle, PLAYER_PAGE);
  world.run('gate');
  page = await chromium.context.newPage();
  wall = await Wall.open(page, world.address);
});
afterEach(async () => {
  expect(wall.errors).toEqual([]);
  await page.close();
  await world[Symbol.asyncDispose]();
});

async function live(): Promise<void> {
  await wall.play('gate');
  await wall.firstFrame('gate');
}

describe('V11: a frozen picture', () => {
  it.each<Record<string, string>>([{}, { protocol: 'hls' }])(
    'is not called live 2 s later, and is dimmed (%j)',
    async (attributes) => {
      await wall.play('gate', attributes);
      await wall.firstFrame('gate');
      await eventually('pictures that keep coming', async () => (await wall.framesShown('gate')) > 10);
      world.freeze('gate');
      const status = await wall.until('gate', ({ state }) => state !== 'live');
      expect(status).toMatchObject({ state: 'reconnecting', reason: 'picture_stalled' });
      expect(status.pictureAgeMs).toBeLessThanOrEqual(2100);
      expect(await wall.isDimmed('gate')).toBe(true);
      expect(await wall.text('gate')).toMatch(/^Reconnecting · picture is 2 s old$/);
      world.run('gate');
      await wall.until('gate', ({ state }) => state === 'live');
      expect(await wall.isDimmed('gate')).toBe(false);
    },
  );

  it('is explained by what control says of the camera, and left alone meanwhile', async () => {
    await live();
    await wall.set('gate', 'externalState', { state: 'offline', reason: 'camera_unreachable' });
    expect((await wall.status('gate')).state).toBe('live');
    world.freeze('gate');
    await wall.until('gate', ({ state, reason }) => state === 'offline' && reason === 'camera_unreachable');
    await wall.until('gate', ({ pictureAgeMs }) => (pictureAgeMs ?? 0) > 6000);
    expect(world.starts).toHaveLength(1);
    expect(world.webrtcViewers).toBe(1);
    world.run('gate');
    await wall.until('gate', ({ state }) => state === 'live');
  });
});

describe('a connection that breaks', () => {
  it('comes back on the same view, the old picture staying until then', async () => {
    await live();
    await wall.watchForBlack('gate');
    world.breakConnections();
    await eventually('a second first picture', async () => (await wall.log('gate')).firstframes.length === 2);
    const status = await wall.until('gate', ({ state }) => state === 'live');
    expect(status.protocol).toBe('webrtc');
    expect(world.starts).toHaveLength(1);
    expect(await wall.blackMoments('gate')).toEqual([]);
  });

  it('comes back while control is away', async () => {
    await live();
    await page.evaluate('wall.api.down = true');
    world.breakConnections();
    await eventually('a second first picture', async () => (await wall.log('gate')).firstframes.length === 2);
    await wall.until('gate', ({ state }) => state === 'live');
    expect(world.starts).toHaveLength(1);
  });

  it('is started anew when its tokens have run out meanwhile', async () => {
    await live();
    await page.evaluate('wall.api.fetch(`/api/v1/sessions/view1/renew`, { method: `POST` })');
    world.expireTokens();
    world.breakConnections();
    await wall.until('gate', ({ sessionId, state }) => state === 'live' && sessionId === 'view2');
    expect(world.openViews).toEqual(['view2']);
  });
});

describe('control’s word', () => {
  it('moves a view without an interruption', async () => {
    await live();
    await wall.watchForBlack('gate');
    await wall.serverEvent('gate', {
      type: 'session.move',
      sessionId: 'view1',
      cameraId: 'gate',
      reason: 'node_lost',
    });
    await wall.until('gate', ({ sessionId, state }) => state === 'live' && sessionId === 'view2');
    await eventually('the old view ended', () => world.stopped.includes('view1'));
    expect((await wall.log('gate')).states.filter((state) => state.startsWith('reconnecting'))).toEqual([]);
    expect(await wall.blackMoments('gate')).toEqual([]);
  });

  it('ends a view for good, also when no event told so', async () => {
    await live();
    world.revoke('gate');
    const status = await wall.until('gate', ({ state }) => state === 'ended');
    expect(status.reason).toBe('session_revoked');
    expect(world.starts).toHaveLength(1);
    await wall.call('gate', 'play');
    await wall.until('gate', ({ state }) => state === 'live');
  });

  it('refuses in words, and a place that becomes free is taken by itself', async () => {
    world.refusals.set('gate', 'at_capacity');
    await wall.play('gate');
    const status = await wall.until('gate', ({ state }) => state === 'at_capacity');
    expect(status.sentence).toMatch(/viewers/);
    expect(await wall.text('gate')).toBe('At capacity');
    world.refusals.delete('gate');
    await wall.until('gate', ({ state }) => state === 'live');
  });

  it.each([
    ['camera_not_configured', 'not_configured', 'Not configured'],
    ['forbidden', 'forbidden', 'Not allowed'],
    ['camera_offline', 'offline', 'Offline'],
  ] as const)('%s is shown as %s', async (code, state, text) => {
    world.refusals.set('gate', code);
    await wall.play('gate');
    await wall.until('gate', (status) => status.state === state);
    expect(await wall.text('gate')).toBe(text);
  });
});

describe('a network without UDP', () => {
  it('shows nine cameras by HLS within 6 s, and the tenth does not try WebRTC', async () => {
    await using closed = await Chromium.launch({ udpBlocked: true });
    for (const clip of CLIPS) world.run(clip);
    const other = await closed.context.newPage();
    const blocked = await Wall.open(other, world.address);
    const pictures = await blocked.playAll(CLIPS);
    console.log('by HLS, ms:', pictures.map(({ ms }) => Math.round(ms)).join(' '));
    expect(new Set(pictures.map(({ protocol }) => protocol))).toEqual(new Set(['hls']));
    expect(Math.max(...pictures.map(({ ms }) => ms))).toBeLessThan(6000);
    await blocked.play('gate2');
    world.run('gate2');
    const tenth = await blocked.firstFrame('gate2');
    expect(tenth.timeline.offerMs).toBeNull();
    expect(world.starts.at(-1)?.request.network).toEqual({ udp: false });
    expect(blocked.errors).toEqual([]);
  });
});
