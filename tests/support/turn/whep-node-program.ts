// A node's WHEP way out alone, as a process, so that it can live in a network namespace: `bind` says where. Its
// camera sends `clip` at 15 pictures a second. It tells its address on a line and ends with its IPC channel.
import { fileURLToPath } from 'node:url';
import { ClipFeeder } from '../clip-feeder.ts';
import { WhepNode } from '../whep-node.ts';

const GATE = fileURLToPath(new URL('../../../fixtures/clips/gate-main.h264', import.meta.url));
const [bind = '127.0.0.1', udpPort = '8189', clip = GATE] = process.argv.slice(2);

const node = await WhepNode.start({ bind, udpPort: Number(udpPort) });
new ClipFeeder({ file: clip, fps: 15, sink: node.hub('cam_gate') });
process.on('disconnect', () => process.exit());
process.stdout.write(`${JSON.stringify({ url: node.url('cam_gate') })}\n`);
