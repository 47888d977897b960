// A node's half that pulls one camera and hands it on, in a process of its own that can be killed and frozen.
//   argv: the camera's URL, user, password. Tells its identity; is told the other node's.
import { NodeId, RelayPeer } from '@vedette/contracts';
import { silentLog, systemClock } from '@vedette/runtime';
import { RelayOut } from '../../apps/media-node/src/egress/relay/relay-out.ts';
import { StreamHub } from '../../apps/media-node/src/hub/stream-hub.ts';
import { RtspSource } from '../../apps/media-node/src/ingest/rtsp/rtsp-source.ts';
import { RelayLinks } from '../../apps/media-node/src/relay/relay-links.ts';
import { loopbackDial } from './pulling.ts';

const [url = '', username = '', password = ''] = process.argv.slice(2);
const hub = new StreamHub();
const out = new RelayOut({
  lookup: () => ({ hub, state: () => ({ health: 'live', reason: 'live' }) }),
  clock: systemClock,
});
const links = await RelayLinks.open({
  nodeId: NodeId.parse('node-a'),
  listen: { host: '127.0.0.1', port: 0 },
  publicHost: '127.0.0.1',
  give: (path, stream, to) => out.give(path, stream, to),
  onOffered: () => undefined,
  clock: systemClock,
  random: Math.random,
  log: silentLog(),
});
process.on('message', (peer) => {
  links.peers.update([RelayPeer.parse(peer)]);
  process.send?.('trusted');
});
process.on('disconnect', () => process.exit());
process.send?.(links.identity);
await new RtspSource({
  source: { kind: 'rtsp', url, username, password, transport: 'tcp' },
  dial: loopbackDial,
  clock: systemClock,
  firstTicks: undefined,
  onPlaying: () => undefined,
}).run(hub, new AbortController().signal);
