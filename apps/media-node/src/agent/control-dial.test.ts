import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { systemClock } from '@vedette/runtime';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { eventually } from '../../../../tests/support/eventually.ts';
import { ControlDial } from './control-dial.ts';

const open: (() => void)[] = [];
afterEach(() => {
  for (const close of open.splice(0).reverse()) close();
});

/** Lets the first connections hang, as a network does that swallows their packets; then answers. */
async function slowStart(hanging: number) {
  const held: Socket[] = [];
  const sockets = new WebSocketServer({ noServer: true });
  const http = createHttpServer();
  http.on('upgrade', (request, socket, head) =>
    sockets.handleUpgrade(request, socket, head, (ws) => sockets.emit('connection', ws)),
  );
  const server = createServer((socket) => {
    held.push(socket);
    // Reads, so that it notices its end; answers nothing.
    if (held.length > hanging) http.emit('connection', socket);
    else socket.resume();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  open.push(() => {
    for (const socket of held) socket.destroy();
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, held, sockets };
}

function dialTo(port: number) {
  const opened: WebSocket[] = [];
  const failed: string[] = [];
  const dial = new ControlDial({
    open: () => new WebSocket(`ws://127.0.0.1:${port}`, { handshakeTimeout: 2000 }),
    onOpen: (socket) => opened.push(socket),
    onFailed: (reason) => failed.push(reason),
    clock: systemClock,
  });
  open.push(() => {
    dial.close();
    for (const socket of opened) socket.terminate();
  });
  return { dial, opened, failed };
}

describe('a dial of control', () => {
  it('does not wait for a try that hangs, and ends it once another has opened', async () => {
    const { held, port, sockets } = await slowStart(2);
    const begunAt = performance.now();
    const { failed, opened } = dialTo(port);
    await eventually('one has opened', () => opened.length > 0, { withinMs: 1900 });
    expect(performance.now() - begunAt).toBeLessThan(1900);
    await eventually('the others have ended', () => held.filter((socket) => !socket.destroyed).length === 1);
    expect([opened.length, failed.length, sockets.clients.size]).toEqual([1, 0, 1]);
  });

  it('fails at once where nobody listens', async () => {
    const { port } = await slowStart(0);
    open.splice(0).reverse()[0]?.();
    const { failed } = dialTo(port);
    await eventually('it has failed', () => failed.length > 0, { withinMs: 1000 });
    expect(failed[0]).toContain('ECONNREFUSED');
  });
});
