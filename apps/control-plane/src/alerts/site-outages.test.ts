import { CameraId, HOME_TENANT, type ReasonCode } from '@vedette/contracts';
import { describe, expect, it } from 'vitest';
import { HeldClock } from '../../../../tests/support/held-clock.ts';
import { type Alert, AlertGatherer, type CameraNews } from './alert-gatherer.ts';
import { FORGET_MS, OUTAGE_GATHER_MS, RETURN_GATHER_MS, SiteOutages } from './site-outages.ts';
import { MOVE_MS, StreamNews } from './stream-news.ts';

const CAMERAS = 100;

function setUp() {
  const clock = new HeldClock();
  const alerts: Alert[] = [];
  let aliveAtMs = 0;
  const gatherer = new AlertGatherer({ clock, onAlert: (alert) => alerts.push(alert) });
  const outages: SiteOutages = new SiteOutages({
    clock,
    aliveAtMs: () => aliveAtMs,
    withdraw: (of) => gatherer.withdraw(of),
    onSite: (news) => gatherer.site(news, 'Harbour', CAMERAS),
  });
  const say = (i: number, kind: CameraNews['kind'], siteId: string | null = 'harbour') => {
    const news: CameraNews = {
      kind,
      tenantId: HOME_TENANT,
      siteId,
      cameraId: CameraId.parse(`c${i}`),
      name: `Camera ${i}`,
      reason: 'camera_unreachable',
    };
    if (!outages.take(news)) gatherer.camera(news);
  };
  return {
    alerts,
    clock,
    outages,
    say,
    titles: () => alerts.map(({ message }) => message.title),
    /** A camera of the site is seen to be there now. */
    seen: () => {
      aliveAtMs = clock.now();
    },
  };
}

describe('a site that falls silent', () => {
  it('is one alert that counts its cameras and one recovery, whatever its cameras would have said', async () => {
    const { clock, say, seen, titles, alerts } = setUp();
    await clock.pass(60_000);
    seen();
    await clock.pass(1000);
    // Those that are watched within seconds, the others as they are asked in the five minutes after it.
    for (let i = 0; i < 10; i += 1) say(i, 'stream.error');
    for (let i = 0; i < CAMERAS; i += 1) {
      await clock.pass(i < 10 ? 500 : 3000);
      say(i, 'camera.offline');
    }
    expect(titles()).toEqual(['Site Harbour does not answer: 12 of its 100 cameras are known to be offline']);
    expect(alerts[0]?.message).toMatchObject({ kind: 'camera.offline', at: expect.any(String) });
    for (let i = 0; i < CAMERAS; i += 1) {
      await clock.pass(500);
      seen();
      say(i, 'camera.online');
      if (i < 10) say(i, 'stream.started');
    }
    await clock.pass(RETURN_GATHER_MS);
    expect(titles().slice(1)).toEqual(['Site Harbour is back: 100 cameras answer again']);
    expect(alerts[1]?.message.kind).toBe('camera.online');
  });

  it('is told of back without those that stay away, and of each of them when it comes', async () => {
    const { clock, say, seen, titles } = setUp();
    await clock.pass(60_000);
    for (let i = 0; i < 5; i += 1) say(i, 'camera.offline');
    await clock.pass(OUTAGE_GATHER_MS);
    seen();
    for (let i = 0; i < 3; i += 1) say(i, 'camera.online');
    await clock.pass(RETURN_GATHER_MS);
    say(3, 'camera.online');
    await clock.pass(60_000);
    expect(titles().slice(1)).toEqual([
      'Site Harbour is back: 3 cameras answer again, 2 are still offline',
      'Camera 3 is back',
    ]);
  });

  it('may fall silent again, and one of its cameras as well once it is back', async () => {
    const { clock, say, seen, titles } = setUp();
    await clock.pass(60_000);
    const fall = () => {
      for (let i = 0; i < 3; i += 1) say(i, 'camera.offline');
    };
    fall();
    await clock.pass(OUTAGE_GATHER_MS);
    seen();
    for (let i = 0; i < 3; i += 1) say(i, 'camera.online');
    await clock.pass(60_000);
    seen();
    say(1, 'camera.offline');
    await clock.pass(OUTAGE_GATHER_MS);
    say(1, 'camera.online');
    await clock.pass(FORGET_MS);
    seen();
    await clock.pass(1000);
    fall();
    await clock.pass(OUTAGE_GATHER_MS);
    expect(titles()).toEqual([
      'Site Harbour does not answer: 3 of its 100 cameras are known to be offline',
      'Site Harbour is back: 3 cameras answer again',
      'Camera 1 is offline',
      'Camera 1 is back',
      'Site Harbour does not answer: 3 of its 100 cameras are known to be offline',
    ]);
  });

  it('is none while any of its cameras is seen, nor are two cameras, nor cameras of no site', async () => {
    const { clock, say, seen, titles } = setUp();
    await clock.pass(60_000);
    for (let i = 0; i < 9; i += 1) {
      await clock.pass(100);
      seen();
      say(i, 'camera.offline');
    }
    await clock.pass(60_000);
    say(20, 'camera.offline');
    say(21, 'camera.offline');
    for (let i = 30; i < 40; i += 1) say(i, 'camera.offline', null);
    await clock.pass(60_000);
    expect(titles().map((title) => title.replace(/^.* and /, ''))).toEqual([
      '6 more are offline',
      'Camera 20, Camera 21 are offline',
      '7 more are offline',
    ]);
  });

  it('is told of before a stop', async () => {
    const { clock, outages, say, titles } = setUp();
    await clock.pass(60_000);
    for (let i = 0; i < 5; i += 1) say(i, 'camera.offline');
    outages.close();
    expect(titles()).toHaveLength(1);
  });
});

describe('cameras of a node that is lost', () => {
  function node() {
    const clock = new HeldClock();
    const told: string[] = [];
    const streams = new StreamNews({
      clock,
      onNews: (kind, id, reason) => told.push(`${kind} ${id} ${reason}`),
    });
    const say = (
      id: string,
      state: 'live' | 'offline' | 'idle' | 'connecting',
      reason: ReasonCode = 'live',
    ) => streams.state({ cameraId: CameraId.parse(id), state, reason });
    return { clock, say, streams, told };
  }

  it('are told of only where they do not play elsewhere in time', async () => {
    const { clock, say, streams, told } = node();
    for (const id of ['a', 'b', 'c']) say(id, 'live');
    told.length = 0;
    streams.moved(['a', 'b', 'c'].map((id) => CameraId.parse(id)));
    for (const id of ['a', 'b', 'c']) say(id, 'idle', 'waiting_for_viewer');
    say('a', 'connecting', 'connecting');
    say('b', 'offline', 'camera_timeout');
    say('a', 'live');
    await clock.pass(MOVE_MS);
    expect(told).toEqual(['stream.error b camera_timeout', 'stream.stopped c waiting_for_viewer']);
    told.length = 0;
    say('a', 'idle', 'waiting_for_viewer');
    expect(told).toEqual(['stream.stopped a waiting_for_viewer']);
  });

  it('that did not play before are no news afterwards', async () => {
    const { clock, say, streams, told } = node();
    say('a', 'offline', 'camera_timeout');
    told.length = 0;
    streams.moved([CameraId.parse('a')]);
    say('a', 'idle', 'waiting_for_viewer');
    say('a', 'offline', 'camera_timeout');
    await clock.pass(MOVE_MS);
    expect(told).toEqual([]);
  });
});
