// Two media nodes as they are started at a site, told by control to hand a camera on.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { NodeId, type RelayPeer, StreamPath, type StreamSource } from '@vedette/contracts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Simulator, startSimulator } from '../../simulators/index.ts';
import { bound } from '../support/bound.ts';
import { eventually } from '../support/eventually.ts';
import { freePort } from '../support/free-ports.ts';
import { PaperFleet } from '../support/paper-fleet.ts';

const MAIN = fileURLToPath(new URL('../../apps/media-node/src/main.ts', import.meta.url));
const [A, B] = [NodeId.parse('node-a'), NodeId.parse('node-b')];

describe('[H2] two media nodes', () => {
  let folder: string;
  let control: PaperFleet;
  let simulator: Simulator;
  const children: ChildProcess[] = [];

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'vedette-relay-'));
    control = await PaperFleet.open();
    simulator = await startSimulator({ cameras: 1, basePort: 0, password: 'right', discovery: false });
  });

  afterEach(async () => {
    for (const child of children.splice(0)) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
    await control[Symbol.asyncDispose]();
    await simulator.close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function start(
    nodeId: NodeId,
    settings: Readonly<Record<string, string>> = {},
  ): Promise<ChildProcess> {
    const [httpPort, udpPort, rtspPort] = [await freePort(), await freePort(), await freePort()];
    const child = spawn(...bound(process.execPath, ['--disable-warning=ExperimentalWarning', MAIN]), {
      env: {
        PATH: process.env['PATH'],
        VEDETTE_NODE_ID: nodeId,
        VEDETTE_NODE_TOKEN: 'a-node-token-of-this-test',
        VEDETTE_CONTROL_URL: control.url,
        VEDETTE_BIND: '127.0.0.1',
        VEDETTE_NODE_HTTP_PORT: String(httpPort),
        VEDETTE_UDP_PORT: String(udpPort),
        VEDETTE_RTSP_PORT: String(rtspPort),
        VEDETTE_DATA_DIR: folder,
        VEDETTE_SOURCE_NETWORKS: '127.0.0.0/8',
        ...settings,
      },
      stdio: ['ignore', 'ignore', 'inherit'],
      cwd: folder,
    });
    children.push(child);
    await control.hello(nodeId);
    return child;
  }

  function camera() {
    const [first] = simulator.cameras;
    if (first === undefined) throw new Error('no camera');
    const { username } = first;
    const source: StreamSource = {
      ...{ kind: 'rtsp', url: first.rtspUrl('main'), username, password: 'right', transport: 'tcp' },
    };
    return { source, counts: () => first.counts() };
  }

  async function peer(nodeId: NodeId, more: { offer: boolean; reachable: boolean }): Promise<RelayPeer> {
    const { relay } = await control.hello(nodeId);
    if (relay === undefined) throw new Error(`${nodeId} has not told how it is known`);
    const { address, sha256 } = relay;
    return {
      nodeId,
      sha256,
      ...(more.reachable && address !== undefined ? { address } : {}),
      offer: more.offer,
    };
  }

  const fromA: StreamSource = { kind: 'relay', from: A, path: StreamPath.parse('cam_a') };
  const live = (nodeId: NodeId, path: string) =>
    eventually(`${path} is live on ${nodeId}`, () => {
      const state = control.stream(nodeId, path);
      return state?.health === 'live' && state.framesIn > 10;
    });

  it('hand a camera on in the core, and the taker says at once that the other is gone', async () => {
    const giver = await start(A, { VEDETTE_RELAY_PORT: String(await freePort()) });
    await start(B);
    control.desire(A, { cam_a: camera().source }, [await peer(B, { offer: false, reachable: false })]);
    control.desire(B, { 'cam_a--2': fromA }, [await peer(A, { offer: false, reachable: true })]);
    await live(B, 'cam_a--2');
    expect(control.stream(B, 'cam_a--2')).toMatchObject({
      codec: expect.stringMatching(/^avc1/),
      width: 1280,
    });
    expect(camera().counts()).toMatchObject({ connectionsOpen: 1, connectionsTotal: 1 });
    giver.kill('SIGKILL');
    await eventually(
      'the taker has noticed',
      () => control.stream(B, 'cam_a--2')?.reason === 'relay_unreachable',
      { withinMs: 1500 },
    );
  });

  it('hand a camera on from an edge that nobody can reach, again when it has been started anew', async () => {
    const edge = await start(A);
    await start(B, { VEDETTE_RELAY_PORT: String(await freePort()) });
    const tell = async () => {
      control.desire(B, { 'cam_a--2': fromA }, [await peer(A, { offer: false, reachable: false })]);
      control.desire(A, { cam_a: camera().source }, [await peer(B, { offer: true, reachable: true })]);
    };
    await tell();
    await live(B, 'cam_a--2');
    const { epoch } = await control.hello(A);
    edge.kill('SIGKILL');
    await once(edge, 'exit');
    await eventually('pictures have stopped', () => control.stream(B, 'cam_a--2')?.health !== 'live');
    await start(A);
    await eventually('it has said hello anew', async () => (await control.hello(A)).epoch !== epoch);
    await tell();
    await live(B, 'cam_a--2');
    expect(camera().counts()).toMatchObject({ connectionsOpen: 1, connectionsMost: 1 });
  });
});
