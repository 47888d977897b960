import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';

/**
 * Below what the system gives to connections that go out: a port from there may be gone again, to a viewer of another
 * test, before it is listened on.
 */
const LOWEST = 10_000;
const HIGHEST = 32_000;
const ATTEMPTS = 200;
/** Not given twice in this process, though whoever asked has not begun to listen. */
const given = new Set<number>();

/** A port that nothing listens on now, by TCP or UDP. */
export function freePort(): Promise<number> {
  return freePortBlock(1);
}

/** So many in a row; answers the first. */
export async function freePortBlock(length: number): Promise<number> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const first = LOWEST + Math.floor(Math.random() * (HIGHEST - LOWEST - length));
    const ports = Array.from({ length }, (_, i) => first + i);
    if (ports.some((port) => given.has(port))) continue;
    for (const port of ports) given.add(port);
    const free = await Promise.all(ports.map(isFree));
    if (free.every(Boolean)) return first;
  }
  throw new Error(`no ${length} free ports in a row`);
}

async function isFree(port: number): Promise<boolean> {
  return (await takesTcp(port)) && (await takesUdp(port));
}

function takesTcp(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

function takesUdp(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createSocket('udp4');
    socket.once('error', () => resolve(false));
    socket.bind(port, '127.0.0.1', () => socket.close(() => resolve(true)));
  });
}
