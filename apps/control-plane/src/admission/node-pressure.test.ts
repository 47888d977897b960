import { NodeId, type NodeLoad } from '@vedette/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ADMIN } from '../../../../tests/support/viewing-harness.ts';
import { viewingFixture } from '../streams/viewing.fixture.ts';
import { NodePressure } from './node-pressure.ts';

const NODE = NodeId.parse('node-1');
const load = (cpu: number, eventLoopDelayP99Ms = 5): NodeLoad => ({
  cpu,
  memoryBytes: 0,
  egressBitsPerSecond: 0,
  ingressBitsPerSecond: 0,
  eventLoopDelayP99Ms,
  webrtcViewers: 0,
  hlsViewers: 0,
  rtspViewers: 0,
  ffmpeg: { running: 0, queued: 0 },
});

describe('the pressure on a node', () => {
  const judge = () => new NodePressure({ cpu: 0.9, delayMs: 250 });
  const measure = (pressure: NodePressure, readings: readonly NodeLoad[]) =>
    readings.map((reading) => {
      pressure.measured(NODE, reading);
      return pressure.of(NODE).level;
    });
  const times = (count: number, reading: NodeLoad) => Array.from({ length: count }, () => reading);

  it('is noticed when it lasts, by processor or by event loop, and says what was measured', () => {
    for (const busy of [load(0.95), load(0.2, 300)]) {
      const pressure = judge();
      expect(measure(pressure, times(3, busy))).toEqual(['free', 'free', 'busy']);
    }
    const pressure = judge();
    measure(pressure, times(3, load(0.95, 120)));
    expect(pressure.of(NODE).why).toBe(
      'node busy: it uses 95 % of a core (90 % are its limit) and is up to 120 ms late (250)',
    );
    expect(judge().of(NODE)).toEqual({ level: 'free', why: '' });
  });

  it('grows to overload step by step, and is relieved step by step', () => {
    const pressure = judge();
    expect(measure(pressure, times(7, load(1.3))).slice(2)).toEqual([
      ...['busy', 'busy', 'busy', 'overloaded', 'overloaded'],
    ]);
    expect(measure(pressure, times(11, load(0.3)))).toEqual([
      ...times(4, load(0)).map(() => 'overloaded'),
      ...times(5, load(0)).map(() => 'busy'),
      ...['free', 'free'],
    ]);
  });

  it('does not flap: around a limit it changes once, however it goes up and down', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0.78, max: 1.16, noNaN: true }), { minLength: 50, maxLength: 300 }),
        (cpus) => {
          const levels = measure(
            judge(),
            cpus.map((cpu) => load(cpu)),
          );
          const changes = levels.filter((level, i) => i > 0 && level !== levels[i - 1]);
          expect(changes.length).toBeLessThanOrEqual(1);
        },
      ),
    );
  });

  it('is not that of one bad moment', () => {
    const pressure = judge();
    for (let i = 0; i < 50; i += 1)
      expect(measure(pressure, [load(2, 900), load(2, 900), load(0.3)])).toEqual(['free', 'free', 'free']);
  });
});

describe('a start on a node under pressure', () => {
  const setUp = viewingFixture();

  async function press(world: Awaited<ReturnType<typeof setUp>>, index: number, cpu: number) {
    const node = world.nodes[index];
    if (node === undefined) throw new Error('no such node');
    node.load = load(cpu);
    await world.clock.pass(20_000);
  }

  it('gets HLS, and the reason; who watches goes on', async () => {
    const world = await setUp();
    const first = await world.start('c1');
    world.node.open(first);
    await press(world, 0, 0.95);
    const second = await world.start('c1', { by: ADMIN });
    expect(second.protocol).toBe('hls');
    expect(second.decision).toContainEqual({
      step: 'admission',
      result: 'hls',
      rule: 'node-busy',
      reason:
        'node busy: it uses 95 % of a core (90 % are its limit) and is up to 5 ms late (250): new views do without WebRTC.',
    });
    expect((await world.state.view(first.sessionId))?.protocol).toBe('webrtc');
  });

  it('is refused on an overloaded one, and is let in again once it is relieved', async () => {
    const world = await setUp();
    const first = await world.start('c1');
    world.node.open(first);
    await press(world, 0, 2);
    await expect(world.start('c1', { by: ADMIN })).rejects.toMatchObject({
      code: 'at_capacity',
      message: expect.stringContaining('node busy'),
    });
    expect(await world.state.view(first.sessionId)).toBeDefined();
    await press(world, 0, 0.2);
    await world.clock.pass(10_000);
    expect((await world.start('c1', { by: ADMIN })).protocol).toBe('webrtc');
  });

  it('of a camera that runs nowhere goes to one that is not', async () => {
    const world = await setUp({ nodes: 2 });
    await press(world, 0, 0.95);
    for (let i = 0; i < 6; i += 1) {
      world.catalog.add(`n${i}`);
      expect(await world.start(`n${i}`)).toMatchObject({ protocol: 'webrtc', node: 'node-2' });
    }
  });
});
