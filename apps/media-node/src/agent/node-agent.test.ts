import { NODE_PROTOCOL_VERSION, type RevokedView } from '@vedette/contracts';
import { type Clock, silentLog, systemClock } from '@vedette/runtime';
import { afterEach, describe, expect, it } from 'vitest';
import { eventually } from '../../../../tests/support/eventually.ts';
import { HeldClock } from '../../../../tests/support/held-clock.ts';
import { IDLE_LOAD } from '../../../../tests/support/idle-load.ts';
import { PaperControl } from '../../../../tests/support/paper-control.ts';
import { SimulatedEngine } from '../../../../tests/support/simulated-engine.ts';
import { NodeAgent } from './node-agent.ts';

const open: (() => void)[] = [];
afterEach(() => {
  for (const close of open.splice(0).reverse()) close();
});

async function setUp({ clock = systemClock }: { clock?: Clock } = {}) {
  const control = await PaperControl.open();
  open.push(() => control.close());
  const engine = new SimulatedEngine({ now: () => Date.now() });
  const told: { jwks: unknown[]; origins: (readonly string[])[]; revoked: RevokedView[] } = {
    jwks: [],
    origins: [],
    revoked: [],
  };
  let loads = 0;
  const link = new NodeAgent({
    engine,
    keys: { update: async (jwks) => void told.jwks.push(jwks) },
    revoked: { add: (views) => void told.revoked.push(...views) },
    load: () => {
      loads++;
      return IDLE_LOAD;
    },
    clock,
    log: silentLog(),
    controlUrls: [`http://127.0.0.1:${control.port}`],
    nodeToken: 'secret-of-the-node',
    self: { nodeId: 'node-1' as never, version: '1', publicUrl: 'http://n', labels: {}, maxWebrtcViewers: 9 },
    onAllowedOrigins: (origins) => told.origins.push(origins),
    random: () => 0,
  });
  open.push(() => link.close());
  link.start();
  await eventually('the first report', () => control.reports.length > 0);
  return { control, engine, link, told, loads: () => loads };
}

const viewer = {
  sessionId: 's1',
  userId: 'u1',
  cameraId: 'c1',
  path: 'cam_c1',
  profile: 'main',
  protocol: 'webrtc',
} as const;

describe('the link of a node to control', () => {
  it('says who it is, with its secret, and takes keys and origins before anything else', async () => {
    const { control, engine, link, told } = await setUp();
    expect(control.authorizations).toEqual(['Bearer secret-of-the-node']);
    expect(control.hello).toMatchObject({
      nodeId: 'node-1',
      protocol: NODE_PROTOCOL_VERSION,
      maxWebrtcViewers: 9,
    });
    expect(told).toEqual({ jwks: [{ keys: [{ kid: 'k' }] }], origins: [['http://page.test']], revoked: [] });
    expect(link.connected).toBe(true);
    expect(engine.controlConnected).toBe(true);
    expect(control.reports[0]).toMatchObject({ appliedSeq: 0, streams: [], sessions: [] });
  });

  it('applies a desired state and says so at once', async () => {
    const { control, engine } = await setUp();
    control.desire(1, ['cam_c1']);
    await eventually('it is applied', () => control.reports.some(({ appliedSeq }) => appliedSeq === 1), {
      withinMs: 500,
    });
    expect(engine.desired.map(({ path }) => path)).toEqual(['cam_c1']);
  });

  it('acts on no older message, nor on one for another life of its process', async () => {
    const { control, engine } = await setUp();
    control.desire(2, ['cam_c1']);
    control.desire(1, []);
    control.say({ type: 'desired', epoch: 'another', seq: 3, streams: [], revoked: [] });
    control.desire(4, ['cam_c1', 'cam_c2']);
    await eventually('the last is applied', () => engine.desired.length === 2);
    expect(engine.pulls.get('cam_c1')).toBe(1);
  });

  it('keeps the placement with the highest fence', async () => {
    const { control, engine } = await setUp();
    control.desire(1, ['cam_c1'], { fence: 7 });
    control.desire(2, ['cam_c1', 'cam_c2'], { fence: 6 });
    await eventually('the second is applied', () => engine.desired.length === 2);
    expect(engine.desired.find(({ path }) => path === 'cam_c1')?.fence).toBe(7);
  });

  it('cuts revoked views and remembers them for who checks tokens', async () => {
    const { control, engine, told } = await setUp();
    control.desire(1, ['cam_c1']);
    await eventually('the stream is there', () => engine.connect(viewer));
    const revoked = [{ sessionId: 's1' as never, untilMs: Date.now() + 60_000 }];
    control.desire(2, ['cam_c1'], { revoked });
    await eventually('the view is cut', () => engine.sessions.length === 0);
    expect(told.revoked).toEqual(revoked);
  });

  it('tells changes soon, many at once in one report, and reads its load once a second', async () => {
    const { control, engine, loads } = await setUp();
    control.desire(1, ['cam_c1']);
    await eventually('the stream is there', () => engine.connect(viewer));
    const before = control.reports.length;
    for (let i = 0; i < 200; i++) engine.connect({ ...viewer, sessionId: `s${i}` });
    await eventually('all are told', () => control.reports.at(-1)?.sessions.length === 200, {
      withinMs: 500,
    });
    expect(control.reports.length - before).toBeLessThanOrEqual(3);
    expect(loads()).toBeLessThanOrEqual(2);
  });

  it('tells of an ended view until control has acknowledged it', async () => {
    const { control, engine } = await setUp();
    control.desire(1, ['cam_c1']);
    await eventually('the view is there', () => engine.connect(viewer));
    control.acknowledges = false;
    const told = () =>
      control.reports.filter(({ ended }) => ended.some(({ sessionId }) => sessionId === 's1'));
    engine.close('s1' as never, 'viewer_left');
    await eventually('it is told', () => told().length === 1);
    engine.connect({ ...viewer, sessionId: 's2' });
    await eventually('it is told again', () => told().length === 2);
    control.say({ type: 'ack', seq: told()[0]?.seq ?? 0, able: true });
    engine.connect({ ...viewer, sessionId: 's3' });
    await eventually('it is told no more', () => control.reports.at(-1)?.ended.length === 0);
  });

  it('leaves streams and views alone when control goes, and finds it again', async () => {
    const { control, engine, link } = await setUp();
    control.desire(1, ['cam_c1']);
    await eventually('the view is there', () => engine.connect(viewer));
    control.breakOff();
    await eventually('the loss is seen', () => !engine.controlConnected);
    expect(link.connected).toBe(false);
    expect(engine.sessions).toHaveLength(1);
    await eventually('control is found again', () => control.connections === 2, { withinMs: 2000 });
    await eventually('all is told again', () => control.reports.at(-1)?.sessions.length === 1);
    const [first, last] = [control.reports[0], control.reports.at(-1)];
    expect(last?.epoch).toBe(first?.epoch);
    expect(last?.appliedSeq).toBe(0);
    control.desire(1, ['cam_c1']);
    await eventually('the new count is followed', () => control.reports.at(-1)?.appliedSeq === 1);
    expect(engine.pulls.get('cam_c1')).toBe(1);
  });

  it('holds everything after a standstill until control has said anew what runs here', async () => {
    const { control, engine, link } = await setUp();
    control.desire(1, ['cam_c1']);
    await eventually('the stream', () => engine.pulls.size === 1);
    link.stoodStill(4000);
    expect(engine.held).toBe(true);
    // Sent before control knew of it: it may be as old as the standstill.
    control.desire(2, ['cam_c1', 'cam_c2']);
    await eventually('another connection', () => control.connections === 2);
    await eventually('a report by it', () => control.reports.at(-1)?.lead === true);
    expect(engine.pulls.has('cam_c2')).toBe(false);
    expect(engine.held).toBe(true);
    control.desire(1, ['cam_c3']);
    await eventually('it goes on', () => !engine.held);
    expect([...engine.pulls.keys()]).toEqual(['cam_c1', 'cam_c3']);
  });

  it('goes on by itself after a standstill with nobody there to ask', async () => {
    const clock = new HeldClock();
    const { control, engine, link } = await setUp({ clock });
    control.close();
    link.stoodStill(4000);
    await clock.pass(9000);
    expect(engine.held).toBe(true);
    await clock.pass(1000);
    expect(engine.held).toBe(false);
  });

  it('does not stay with a control two versions ahead', async () => {
    const { control, engine } = await setUp();
    control.protocol = NODE_PROTOCOL_VERSION + 2;
    control.breakOff();
    await eventually('it has tried again', () => control.connections >= 3, { withinMs: 3000 });
    expect(engine.controlConnected).toBe(false);
  });
});
