import { createSocket, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';

const ATTEMPTS = 20;
const RECEIVE_BUFFER_BYTES = 1024 * 1024;

/** An even port for RTP and the odd one after it for RTCP (RFC 3550 section 11). */
export interface UdpPorts {
  readonly rtpPort: number;
  readonly rtp: Socket;
  readonly rtcp: Socket;
  close(): void;
}

/** Binds a free pair on the family of `peer`. Throws when there is none. */
export async function openUdpPorts(peer: string): Promise<UdpPorts> {
  const type = isIPv6(peer) ? 'udp6' : 'udp4';
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const first = await bind(type, 0);
    const port = first.address().port;
    const second = await bind(type, port % 2 === 0 ? port + 1 : port - 1).catch(() => undefined);
    if (second === undefined) {
      first.close();
      continue;
    }
    const [rtp, rtcp] = port % 2 === 0 ? [first, second] : [second, first];
    return {
      rtpPort: rtp.address().port,
      rtp,
      rtcp,
      close: () => {
        rtp.close();
        rtcp.close();
      },
    };
  }
  throw new Error('no free pair of UDP ports');
}

function bind(type: 'udp4' | 'udp6', port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = createSocket({ type, recvBufferSize: RECEIVE_BUFFER_BYTES });
    socket.once('error', (error) => {
      socket.close();
      reject(error);
    });
    socket.bind(port, () => {
      socket.removeAllListeners('error');
      // A refused datagram of ours says nothing about the stream.
      socket.on('error', () => undefined);
      resolve(socket);
    });
  });
}
