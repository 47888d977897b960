import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { NODE_PROTOCOL_VERSION, NodeHello } from '@vedette/contracts';
import { createLog, systemClock } from '@vedette/runtime';
import { expect, it } from 'vitest';
import { eventually } from '../../../../tests/support/eventually.ts';
import { ControlLink } from './control-link.ts';

/** Takes no connection once two wait: its kernel drops what asks for another, as a cut line does. */
const LISTENER = `const server = require('node:net').createServer();
server.listen({ host: '127.0.0.1', port: 0, backlog: 1 }, () => process.stdout.write(String(server.address().port)));`;

it('gives a dial that got lost up long before the kernel repeats it', async () => {
  const deaf = spawn(process.execPath, ['-e', LISTENER], { stdio: ['ignore', 'pipe', 'ignore'] });
  const sockets: Socket[] = [];
  const lines: string[] = [];
  try {
    const [port] = await once(deaf.stdout, 'data');
    deaf.kill('SIGSTOP');
    for (let i = 0; i < 4; i += 1) sockets.push(connect(Number(port), '127.0.0.1').on('error', () => {}));
    const link = new ControlLink({
      url: `http://127.0.0.1:${port}`,
      owner: { welcomed: () => undefined, took: () => undefined, lost: () => undefined },
      hello: NodeHello.parse({
        type: 'hello',
        protocol: NODE_PROTOCOL_VERSION,
        epoch: '1',
        nodeId: 'node-1',
        version: '1',
        publicUrl: 'http://n',
        labels: {},
        maxWebrtcViewers: 1,
      }),
      nodeToken: 'secret',
      ownCertificate: undefined,
      clock: systemClock,
      log: createLog({ name: 'node', level: 'warn', write: (line) => void lines.push(line) }),
      random: () => 0,
    });
    link.start();
    await eventually('the dial is given up', () => lines.length > 0, { withinMs: 1500 });
    link.close();
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([
      { reason: 'nothing answered within 450 ms' },
    ]);
  } finally {
    for (const socket of sockets) socket.destroy();
    deaf.kill('SIGKILL');
  }
});
