import { fileURLToPath } from 'node:url';
import { systemClock } from '@vedette/runtime';
import { RtspSource } from '../../apps/media-node/src/ingest/rtsp/rtsp-source.ts';
import { startSimulator } from '../../simulators/index.ts';
import { ClipFeeder } from '../support/clip-feeder.ts';
import { loopbackDial } from '../support/pulling.ts';
import { type Opens, RelayPair } from '../support/relay-pair.ts';
import { TcpLine } from '../support/tcp-line.ts';
import { mediaSourceContract, type SourceWorld } from './media-source.contract.ts';

const CLIP = fileURLToPath(new URL('../../fixtures/clips/gate-main.h264', import.meta.url));

mediaSourceContract('an RTSP camera', async () => {
  const simulator = await startSimulator({ cameras: 1, basePort: 0, password: 'right', discovery: false });
  const [camera] = simulator.cameras;
  if (camera === undefined) throw new Error('no camera');
  const source = (url: string, firstTicks?: number) =>
    new RtspSource({
      source: { kind: 'rtsp', url, username: camera.username, password: 'right', transport: 'tcp' },
      dial: loopbackDial,
      clock: systemClock,
      firstTicks,
      onPlaying: () => undefined,
    });
  return {
    source: (firstTicks) => source(camera.rtspUrl('main'), firstTicks),
    missing: () => source(camera.rtspUrl('main').replace('/main', '/nowhere')),
    die: async () => void (await camera.fault({ kind: 'drop', reset: true })),
    pulls: () => camera.counts().connectionsTotal,
    sockets: () => camera.counts().connectionsOpen,
    [Symbol.asyncDispose]: () => simulator.close(),
  };
});

for (const opens of ['taker', 'giver'] as const)
  mediaSourceContract(`another node, whose connection the ${opens} opens`, () => relayWorld(opens));

async function relayWorld(opens: Opens): Promise<SourceWorld> {
  let line: TcpLine | undefined;
  const pair = await RelayPair.open({
    opens,
    through: async (to) => {
      line = await TcpLine.open({ to });
      return line.port;
    },
  });
  const { hub } = pair.stream('cam_a');
  const camera = new ClipFeeder({ file: CLIP, fps: 25, sink: hub });
  return {
    source: (firstTicks) => pair.source('cam_a', firstTicks),
    missing: () => pair.source('cam_b'),
    die: async () => line?.cut(),
    pulls: () => pair.asked.length,
    // A connection that the giving node opens is its own, and stays; the stream on it does not.
    sockets: () => (opens === 'taker' ? (line?.open ?? 0) : pair.out.takersOf('cam_a')),
    async [Symbol.asyncDispose]() {
      camera[Symbol.dispose]();
      await pair[Symbol.asyncDispose]();
      await line?.[Symbol.asyncDispose]();
    },
  };
}
