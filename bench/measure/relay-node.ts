// One side of a relay in a process of its own, for bench/relay.ts. `giver CLIP COUNT` plays a clip into so many
// streams; `taker COUNT` takes them, with three subscribers each.
import { NodeId, RelayIdentity, StreamPath } from '@vedette/contracts';
import { silentLog, systemClock } from '@vedette/runtime';
import { z } from 'zod';
import { RelayOut } from '../../apps/media-node/src/egress/relay/relay-out.ts';
import { StreamHub } from '../../apps/media-node/src/hub/stream-hub.ts';
import { RelaySource } from '../../apps/media-node/src/ingest/relay/relay-source.ts';
import { RelayLinks } from '../../apps/media-node/src/relay/relay-links.ts';
import { ClipFeeder } from '../../tests/support/clip-feeder.ts';

const SUBSCRIBERS = 3;
const [role, ...rest] = process.argv.slice(2);
const [clip = '', count = 0] = role === 'giver' ? [rest[0], Number(rest[1])] : ['', Number(rest[0])];
const paths = Array.from({ length: count }, (_, i) => StreamPath.parse(`cam_${i}`));
const hubs = new Map(paths.map((path) => [path as string, new StreamHub()]));
const [me, other] = role === 'giver' ? ['giver', 'taker'] : ['taker', 'giver'];

const out = new RelayOut({
  lookup(path) {
    const hub = hubs.get(path);
    return hub && { hub, state: () => ({ health: 'live', reason: 'live' }) };
  },
  clock: systemClock,
});
const links = await RelayLinks.open({
  nodeId: NodeId.parse(me),
  listen: role === 'giver' ? { host: '127.0.0.1', port: 0 } : undefined,
  publicHost: '127.0.0.1',
  give: (path, stream, to) => out.give(path, stream, to),
  onOffered: () => undefined,
  clock: systemClock,
  random: Math.random,
  log: silentLog(),
});

const Ask = z.union([
  z.object({ peer: RelayIdentity }),
  z.object({ run: z.literal(true) }),
  z.object({ counts: z.literal(true) }),
]);
const delaysMs: number[] = [];
let [frames, bytes] = [0, 0];

process.on('disconnect', () => process.exit());
process.on('message', (asked) => {
  const ask = Ask.parse(asked);
  if ('peer' in ask) links.peers.update([{ nodeId: NodeId.parse(other), ...ask.peer, offer: false }]);
  else if ('run' in ask) run();
  else {
    process.send?.({ frames, bytes, delaysMs: delaysMs.splice(0), sent: out.bytesSent });
    return;
  }
  process.send?.('done');
});
process.send?.(links.identity);

function run(): void {
  for (const [i, path] of paths.entries()) {
    const hub = hubs.get(path);
    if (hub === undefined) continue;
    if (role === 'giver') {
      const counted = {
        tracks: hub.tracks.bind(hub),
        frame(frame: Parameters<StreamHub['frame']>[0]) {
          frames += 1;
          bytes += frame.data.byteLength;
          hub.frame(frame);
        },
      };
      // Not all key frames at once.
      setTimeout(
        () => new ClipFeeder({ file: clip, fps: 15, sink: counted, startFrame: i * 7 }),
        (i * 1000) / count,
      );
    } else take(path, hub);
  }
}

function take(path: StreamPath, hub: StreamHub): void {
  for (let n = 0; n < SUBSCRIBERS; n += 1)
    hub.subscribe(
      { id: `s${n}`, tracks: () => undefined, frame: () => undefined, close: () => undefined },
      'gop',
    );
  const source = new RelaySource({
    source: { kind: 'relay', from: NodeId.parse(other), path },
    links,
    clock: systemClock,
    firstTicks: undefined,
    onPlaying: () => undefined,
    onWaiting: () => undefined,
  });
  const sink = {
    tracks: hub.tracks.bind(hub),
    frame(frame: Parameters<StreamHub['frame']>[0]) {
      frames += 1;
      bytes += frame.data.byteLength;
      delaysMs.push(Date.now() - frame.wallClockMs);
      hub.frame(frame);
    },
  };
  void source.run(sink, new AbortController().signal);
}
