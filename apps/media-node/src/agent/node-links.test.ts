import { silentLog, systemClock } from '@vedette/runtime';
import { afterEach, describe, expect, it } from 'vitest';
import { eventually } from '../../../../tests/support/eventually.ts';
import { IDLE_LOAD } from '../../../../tests/support/idle-load.ts';
import { PaperControl } from '../../../../tests/support/paper-control.ts';
import { SimulatedEngine } from '../../../../tests/support/simulated-engine.ts';
import { NodeAgent } from './node-agent.ts';

const open: (() => void)[] = [];
afterEach(() => {
  for (const close of open.splice(0).reverse()) close();
});

async function controls(...ids: string[]): Promise<PaperControl[]> {
  const made = await Promise.all(ids.map((id) => PaperControl.open(id)));
  for (const control of made) open.push(() => control.close());
  return made;
}

function agentOf(urls: readonly string[]) {
  const engine = new SimulatedEngine({ now: () => Date.now() });
  const agent = new NodeAgent({
    engine,
    keys: { update: async () => undefined },
    revoked: { add: () => undefined },
    load: () => IDLE_LOAD,
    clock: systemClock,
    log: silentLog(),
    controlUrls: urls,
    nodeToken: 'secret-of-the-node',
    self: { nodeId: 'node-1' as never, version: '1', publicUrl: 'http://n', labels: {}, maxWebrtcViewers: 9 },
    onAllowedOrigins: () => undefined,
    random: () => 0,
  });
  open.push(() => agent.close());
  agent.start();
  return { agent, engine };
}

const leads = (control: PaperControl) => control.reports.at(-1)?.lead === true;

/** The two in the order in which the node follows them. */
async function twoLinks() {
  const both = await controls('control-1', 'control-2');
  const { engine } = agentOf(both.map(({ url }) => url));
  await eventually(
    'both have heard, and one leads',
    () => both.every(({ reports }) => reports.length > 1) && both.filter(leads).length === 1,
  );
  const lead = both.find(leads);
  const other = both.find((control) => control !== lead);
  if (lead === undefined || other === undefined) throw new Error('nobody leads');
  return { engine, lead, other };
}

describe('[N1] a node and several control processes', () => {
  it('tells all of them, and does what one says', async () => {
    const { engine, lead, other } = await twoLinks();
    other.desire(1, ['cam_wrong']);
    lead.desire(1, ['cam_c1']);
    await eventually('it is applied', () => engine.desired.length > 0);
    expect(engine.desired.map(({ path }) => path)).toEqual(['cam_c1']);
    const applied = await eventually('the other hears of it', () =>
      other.received.find((message) => message.type === 'applied'),
    );
    expect(applied).toMatchObject({ seq: 0, streams: [{ path: 'cam_c1', fence: 1 }] });
    await eventually('both know what runs', () =>
      [lead, other].every(({ reports }) => reports.at(-1)?.streams.length === 1),
    );
    expect(other.reports.at(-1)).toMatchObject({ lead: false, appliedSeq: 0 });
    const seqs = [...lead.reports, ...other.reports].map(({ seq }) => seq);
    expect(Math.max(...seqs)).toBeLessThan(seqs.length + 2);
  });

  it('follows another at once when its lead is gone, and tells that one who has left meanwhile', async () => {
    const { engine, lead, other } = await twoLinks();
    lead.desire(1, ['cam_c1']);
    await eventually('a view is there', () =>
      engine.connect({
        sessionId: 's1',
        userId: 'u1',
        cameraId: 'c1',
        path: 'cam_c1',
        profile: 'main',
        protocol: 'webrtc',
      }),
    );
    lead.acknowledges = false;
    engine.close('s1' as never, 'viewer_left');
    await eventually('the lead was told', () => lead.reports.at(-1)?.ended.length === 1);
    lead.close();
    await eventually('the other leads', () => leads(other), { withinMs: 1000 });
    expect(other.reports.find((report) => report.lead)?.ended).toMatchObject([{ sessionId: 's1' }]);
    expect(engine.desired.map(({ path }) => path)).toEqual(['cam_c1']);
    other.desire(1, ['cam_c1', 'cam_c2'], { fence: 1 });
    await eventually('the new lead is followed', () => engine.desired.length === 2);
    expect(engine.pulls.get('cam_c1')).toBe(1);
  });

  it('follows one that reaches the shared state rather than one that does not', async () => {
    const { lead, other } = await twoLinks();
    lead.able = false;
    await eventually('the other leads', () => leads(other) && !leads(lead));
    other.able = false;
    await eventually('both are unable', () => other.reports.length > 3);
    expect(leads(other)).toBe(true);
    lead.able = true;
    await eventually('the first leads again', () => leads(lead) && !leads(other));
  });

  it('finds those that it is told of, and forgets them when they are gone for good', async () => {
    const [first, second] = await controls('control-1', 'control-2');
    if (first === undefined || second === undefined) throw new Error('no controls');
    agentOf([first.url]);
    await eventually('the first has heard', () => first.reports.length > 0);
    expect(second.connections).toBe(0);
    first.say({ type: 'peers', peers: [second.url] });
    await eventually('the second has heard', () => second.reports.length > 0);
    first.say({ type: 'peers', peers: [] });
    second.breakOff();
    await eventually('the first goes on alone', () => leads(first));
    const before = second.connections;
    await eventually('time has passed', () => first.reports.length > 4);
    expect(second.connections).toBe(before);
  });

  it('keeps one connection where two addresses lead to the same process', async () => {
    const [front, same] = await controls('control-1', 'control-1');
    if (front === undefined || same === undefined) throw new Error('no controls');
    const { agent } = agentOf([front.url, same.url]);
    const connected = () => [front, same].filter(({ sockets }) => sockets > 0).length;
    await eventually('one is left', () => front.connections + same.connections === 2 && connected() === 1);
    await eventually('it goes on', () =>
      [front, same].some((control) => control.reports.length > 2 && leads(control)),
    );
    expect(front.connections + same.connections).toBe(2);
    expect(agent.connected).toBe(true);
  });
});
