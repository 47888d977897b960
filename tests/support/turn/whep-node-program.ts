// A node's WHEP way out alone, as a process, so that it can live in a network namespace: `bind` says where. It tells its
// address on a line and ends with its IPC channel.
import { fileURLToPath } from 'node:url';
import { ClipFeeder } from '../clip-feeder.ts';
import { WhepNode } from '../whep-node.ts';

const CLIP = fileURLToPath(new URL('../../../fixtures/clips/gate-main.h264', import.meta.url));
const [bind = '127.0.0.1', udpPort = '8189'] = process.argv.slice(2);

const node = await WhepNode.start({ bind, udpPort: Number(udpPort) });
new ClipFeeder({ file: CLIP, fps: 15, sink: node.hub('cam_gate') });
process.on('disconnect', () => process.exit());
process.stdout.write(`${JSON.stringify({ url: node.url('cam_gate') })}\n`);
