// Camera, node A, node B, viewer: A in a process of its own, so that it can be killed and frozen.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { NodeId, RelayIdentity, StreamPath } from '@vedette/contracts';
import { silentLog, systemClock } from '@vedette/runtime';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RelaySource } from '../../apps/media-node/src/ingest/relay/relay-source.ts';
import { SourceError } from '../../apps/media-node/src/ingest/source-error.ts';
import { RelayLinks } from '../../apps/media-node/src/relay/relay-links.ts';
import { type Simulator, startSimulator } from '../../simulators/index.ts';
import { WhepViewer } from '../../simulators/viewers/whep-viewer.ts';
import { eventually } from '../support/eventually.ts';
import { Taken } from '../support/relay-pair.ts';
import { TcpLine } from '../support/tcp-line.ts';
import { WhepNode } from '../support/whep-node.ts';

const PROGRAM = fileURLToPath(new URL('../support/relay-giver-program.ts', import.meta.url));
const A = NodeId.parse('node-a');
const B = NodeId.parse('node-b');

describe('[H2] a camera that is watched on another node', () => {
  let simulator: Simulator;
  let giver: ChildProcess;
  let links: RelayLinks;
  let line: TcpLine;

  beforeEach(async () => {
    simulator = await startSimulator({ cameras: 1, basePort: 0, password: 'right', discovery: false });
    giver = fork(PROGRAM, [camera().rtspUrl('main'), camera().username, 'right']);
    const [identity] = await once(giver, 'message');
    links = await RelayLinks.open({
      nodeId: B,
      listen: undefined,
      publicHost: '127.0.0.1',
      give: (_path, stream) => stream.close(),
      onOffered: () => undefined,
      clock: systemClock,
      random: Math.random,
      log: silentLog(),
    });
    const { address, sha256 } = RelayIdentity.parse(identity);
    line = await TcpLine.open({ to: address?.port ?? 0 });
    links.peers.update([
      { nodeId: A, sha256, address: { host: '127.0.0.1', port: line.port }, offer: false },
    ]);
    giver.send({ nodeId: B, ...links.identity });
    await once(giver, 'message');
  });

  afterEach(async () => {
    await links.close();
    giver.kill('SIGKILL');
    await line[Symbol.asyncDispose]();
    await simulator.close();
  });

  function camera() {
    const [first] = simulator.cameras;
    if (first === undefined) throw new Error('no camera');
    return first;
  }

  const take = () =>
    new RelaySource({
      source: { kind: 'relay', from: A, path: StreamPath.parse('cam_a') },
      links,
      clock: systemClock,
      firstTicks: undefined,
      onPlaying: () => undefined,
      onWaiting: () => undefined,
    });

  it('is pulled once, crosses the line once, and is seen by WHEP', async () => {
    await using node = await WhepNode.start();
    const stop = new AbortController();
    const running = take().run(node.hub('cam_a'), stop.signal);
    await eventually('node B has the tracks', () => node.hub('cam_a').currentTracks.length > 0);
    const viewers = await Promise.all(
      ['one', 'two', 'three'].map((token) => WhepViewer.open({ url: node.url('cam_a'), token })),
    );
    await eventually('pictures', () => viewers.every(({ counts }) => counts.frames > 15));
    expect(camera().counts()).toMatchObject({ connectionsOpen: 1, connectionsTotal: 1 });
    expect(line.connections).toBe(1);
    await Promise.all(viewers.map((viewer) => viewer.close()));
    stop.abort();
    await running;
    await eventually('the line is given back', () => line.open === 0);
  });

  it('fails at once on node B when node A is killed', async () => {
    await using taken = new Taken(take());
    await eventually('pictures', () => taken.frames.length > 5);
    giver.kill('SIGKILL');
    const killedAt = performance.now();
    await eventually('the source has failed', () => taken.isOver, { everyMs: 2 });
    expect(performance.now() - killedAt).toBeLessThan(500);
    expect(taken.failure).toBeInstanceOf(SourceError);
    expect(taken.failure).toMatchObject({ code: 'relay_unreachable', step: 'media' });
  });

  it('fails within four seconds and a bit when node A is frozen', async () => {
    await using taken = new Taken(take());
    await eventually('pictures', () => taken.frames.length > 5);
    giver.kill('SIGSTOP');
    const frozenAt = performance.now();
    await eventually('the source has failed', () => taken.isOver);
    expect(performance.now() - frozenAt).toBeLessThan(5500);
    expect(taken.failure).toMatchObject({ code: 'relay_unreachable' });
  });
});
