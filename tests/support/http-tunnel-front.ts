import { connect, createServer, type Socket } from 'node:net';

interface TunnelFront extends AsyncDisposable {
  readonly port: number;
  /** Heads of the requests, as they came. */
  readonly heads: readonly string[];
}

/** RTSP over HTTP before a camera that knows RTSP alone; asks for a password when `challenge` is given. */
export async function startTunnelFront(options: {
  readonly cameraPort: number;
  readonly challenge?: string;
}): Promise<TunnelFront> {
  const heads: string[] = [];
  const open = new Set<Socket>();
  const ways = new Map<string, Socket>();
  const server = createServer((socket) => {
    open.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => open.delete(socket));
    let buffer = '';
    let camera: Socket | undefined;
    const forward = () => {
      const whole = buffer.length - (buffer.length % 4);
      camera?.write(Buffer.from(buffer.slice(0, whole), 'base64'));
      buffer = buffer.slice(whole);
    };
    socket.on('data', (chunk) => {
      buffer += chunk.toString('latin1');
      if (camera !== undefined) {
        forward();
        return;
      }
      const end = buffer.indexOf('\r\n\r\n');
      if (end < 0) return;
      const head = buffer.slice(0, end);
      buffer = buffer.slice(end + 4);
      heads.push(head);
      const cookie = /x-sessioncookie: (\w+)/.exec(head)?.[1] ?? '';
      if (options.challenge !== undefined && !head.includes('Authorization:')) {
        socket.end(`HTTP/1.0 401 Unauthorized\r\nWWW-Authenticate: ${options.challenge}\r\n\r\n`);
      } else if (head.startsWith('GET')) {
        const way = connect(options.cameraPort, '127.0.0.1');
        open.add(way);
        way.on('error', () => undefined);
        way.on('close', () => socket.destroy());
        socket.on('close', () => way.destroy());
        socket.write('HTTP/1.0 200 OK\r\nContent-Type: application/x-rtsp-tunnelled\r\n\r\n');
        way.pipe(socket);
        ways.set(cookie, way);
      } else {
        camera = ways.get(cookie);
        forward();
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    port: address !== null && typeof address === 'object' ? address.port : 0,
    heads,
    async [Symbol.asyncDispose]() {
      for (const socket of open) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
