import { createSocket, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import { RtspError } from './rtsp-error.ts';

interface UdpPortsOptions {
  /** IP address that the camera was reached at: datagrams from elsewhere are not its own. */
  readonly peer: string;
  readonly onRtp: (data: Uint8Array) => void;
  readonly onRtcp: (data: Uint8Array) => void;
}

const ATTEMPTS = 20;
const RECEIVE_BUFFER_BYTES = 1024 * 1024;
/** An empty RTP packet and an empty receiver report: they open the way back through a firewall. */
const RTP_PUNCH = Buffer.from([0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
const RTCP_PUNCH = Buffer.from([0x80, 201, 0, 1, 0, 0, 0, 0]);

/** An even port for RTP and the odd one after it for RTCP (RFC 3550 section 11). */
export class UdpPorts {
  readonly rtpPort: number;
  readonly #peer: string;
  readonly #rtp: Socket;
  readonly #rtcp: Socket;
  /** Where reports go: as the camera said, else where its own come from. */
  #peerRtcpPort: number | undefined;
  #closed = false;

  private constructor(rtp: Socket, rtcp: Socket, options: UdpPortsOptions) {
    this.rtpPort = rtp.address().port;
    this.#peer = options.peer;
    this.#rtp = rtp;
    this.#rtcp = rtcp;
    const fromPeer = (address: string) => withoutMapping(address) === withoutMapping(options.peer);
    rtp.on('message', (data, from) => {
      if (fromPeer(from.address)) options.onRtp(data);
    });
    rtcp.on('message', (data, from) => {
      if (!fromPeer(from.address)) return;
      this.#peerRtcpPort ??= from.port;
      options.onRtcp(data);
    });
  }

  /** Binds a free pair on the peer's family. Throws RtspError at step `setup` when there is none. */
  static async open(options: UdpPortsOptions): Promise<UdpPorts> {
    const type = isIPv6(options.peer) ? 'udp6' : 'udp4';
    try {
      for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
        const first = await bind(type, 0);
        const port = first.address().port;
        const isEven = port % 2 === 0;
        const second = await bind(type, isEven ? port + 1 : port - 1).catch(() => undefined);
        if (second !== undefined)
          return isEven ? new UdpPorts(first, second, options) : new UdpPorts(second, first, options);
        first.close();
      }
    } catch (cause) {
      throw new RtspError('camera_protocol_error', 'setup', 'No UDP port could be opened.', { cause });
    }
    throw new RtspError('camera_protocol_error', 'setup', 'There is no free pair of UDP ports.');
  }

  /** Says hello from both ports, before the camera sends. */
  punch(peerRtpPort: number, peerRtcpPort: number): void {
    if (peerRtcpPort > 0) this.#peerRtcpPort = peerRtcpPort;
    this.#send(this.#rtp, RTP_PUNCH, peerRtpPort);
    this.#send(this.#rtcp, RTCP_PUNCH, peerRtcpPort);
  }

  /** As a server, to the port that the client has named. */
  sendRtp(data: Uint8Array, peerPort: number): void {
    this.#send(this.#rtp, data, peerPort);
  }

  /** Dropped while it is not known where to. */
  sendRtcp(data: Uint8Array, peerPort = this.#peerRtcpPort): void {
    if (peerPort !== undefined) this.#send(this.#rtcp, data, peerPort);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#rtp.close();
    this.#rtcp.close();
  }

  #send(socket: Socket, data: Uint8Array, port: number): void {
    if (this.#closed || port < 1 || port > 65_535) return;
    socket.send(data, port, this.#peer, () => undefined);
  }
}

function withoutMapping(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '');
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
