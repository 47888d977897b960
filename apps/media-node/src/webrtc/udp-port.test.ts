import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { expect, it } from 'vitest';
import { requireUdpPort } from './udp-port.ts';

it('says which UDP port cannot be had, and gives a free one back', async () => {
  const holder = createSocket('udp4').bind(0, '127.0.0.1');
  await once(holder, 'listening');
  const { port } = holder.address();
  await expect(requireUdpPort('127.0.0.1', port)).rejects.toMatchObject({
    code: 'EADDRINUSE',
    message: expect.stringContaining(`UDP port ${port}`),
  });
  await new Promise<void>((resolve) => holder.close(() => resolve()));
  await requireUdpPort('127.0.0.1', port);
  await requireUdpPort('127.0.0.1', port);
});
