import { createSocket } from 'node:dgram';

/**
 * Rejects with the system's error (EADDRINUSE, EACCES) when the port cannot be had: the transport would only log
 * that, and every viewer would wait for pictures in vain.
 */
export function requireUdpPort(host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
    socket.once('error', (cause: NodeJS.ErrnoException) => {
      const error: NodeJS.ErrnoException = new Error(
        `UDP port ${port} on ${host} cannot be had: ${cause.message}`,
        {
          cause,
        },
      );
      if (cause.code !== undefined) error.code = cause.code;
      reject(error);
    });
    socket.bind({ address: host, port, exclusive: true }, () => socket.close(() => resolve()));
  });
}
