import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { systemClock } from '@vedette/runtime';
import { afterEach, describe, expect, it } from 'vitest';
import { WhepEndpoint } from './whep-endpoint.ts';

describe('WhepEndpoint', () => {
  const opened: Socket[] = [];
  afterEach(() => {
    for (const socket of opened.splice(0)) socket.close();
  });

  /** Resolves with the port, or rejects as bind(2) does. */
  async function bind(port: number): Promise<number> {
    const socket = createSocket('udp4');
    socket.bind({ port, address: '127.0.0.1', exclusive: true });
    await once(socket, 'listening');
    opened.push(socket);
    return socket.address().port;
  }

  const open = (udpPort: number) =>
    new WhepEndpoint({ clock: systemClock, bind: '127.0.0.1', udpPort, publicHosts: [] });

  it('says at the start that another program has its UDP port', async () => {
    const taken = await bind(0);
    expect(() => open(taken)).toThrow(expect.objectContaining({ code: 'EADDRINUSE' }));
  });

  it('keeps its UDP port while nobody watches', async () => {
    const free = await bind(0);
    const socket = opened.pop();
    if (socket !== undefined) await new Promise<void>((resolve) => socket.close(resolve));
    const endpoint = open(free);
    await expect(bind(free)).rejects.toMatchObject({ code: 'EADDRINUSE' });
    endpoint.close('shutting_down');
  });
});
