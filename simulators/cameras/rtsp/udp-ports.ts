import { createSocket, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';

/** An even RTP port and the odd RTCP port after it (RFC 3550 section 11), shared by a camera's clients. */
export interface UdpPorts {
  readonly rtp: Socket;
  readonly rtcp: Socket;
  readonly rtpPort: number;
  readonly rtcpPort: number;
}

const ATTEMPTS = 20;

/** Opens a pair on free ports. `onDatagram` gets the sender of whatever arrives on either. */
export async function openUdpPorts(
  bind: string,
  onDatagram: (address: string, port: number) => void,
): Promise<UdpPorts> {
  for (let attempt = 1; ; attempt++) {
    const rtp = await open(bind, 0);
    const rtpPort = rtp.address().port;
    try {
      if (rtpPort % 2 === 1) throw new Error('the free port is odd');
      const rtcp = await open(bind, rtpPort + 1);
      for (const socket of [rtp, rtcp]) {
        socket.on('message', (_message, from) => onDatagram(from.address, from.port));
      }
      return { rtp, rtcp, rtpPort, rtcpPort: rtpPort + 1 };
    } catch (cause) {
      rtp.close();
      if (attempt === ATTEMPTS) throw new Error('no free pair of UDP ports', { cause });
    }
  }
}

function open(bind: string, port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = createSocket(isIPv6(bind) ? 'udp6' : 'udp4');
    socket.once('error', reject);
    socket.bind(port, bind, () => {
      socket.off('error', reject);
      socket.on('error', () => {});
      resolve(socket);
    });
  });
}
