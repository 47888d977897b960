import type { Socket as UdpSocket } from 'node:dgram';
import type { Socket } from 'node:net';
import type { SentPicture } from '../stream/live-timeline.ts';
import { INTERLEAVED_HEADER } from '../stream/packet-template.ts';

/** Where a session's packets go. */
export interface MediaOut {
  /** Bytes that the client has not taken yet. */
  readonly backlog: number;
  send(picture: SentPicture, report: Buffer | undefined): void;
}

/** Interleaved on the RTSP connection: one write a picture. */
export class TcpMediaOut implements MediaOut {
  readonly #socket: Socket;
  readonly #rtpChannel: number;
  readonly #rtcpChannel: number;

  constructor(options: { socket: Socket; rtpChannel: number; rtcpChannel: number }) {
    this.#socket = options.socket;
    this.#rtpChannel = options.rtpChannel;
    this.#rtcpChannel = options.rtcpChannel;
  }

  get backlog(): number {
    return this.#socket.writableLength;
  }

  send(picture: SentPicture, report: Buffer | undefined): void {
    if (report === undefined) {
      this.#socket.write(this.#onChannel(picture));
      return;
    }
    const header = Buffer.from([0x24, this.#rtcpChannel, report.length >> 8, report.length & 0xff]);
    this.#socket.cork();
    this.#socket.write(Buffer.concat([header, report]));
    this.#socket.write(this.#onChannel(picture));
    this.#socket.uncork();
  }

  #onChannel(picture: SentPicture): Buffer {
    if (this.#rtpChannel === 0) return picture.bytes;
    const bytes = Buffer.from(picture.bytes);
    for (const offset of picture.offsets) bytes[offset + 1] = this.#rtpChannel;
    return bytes;
  }
}

/** Datagrams from the camera's port pair to the two ports that the client named. */
export class UdpMediaOut implements MediaOut {
  readonly backlog = 0;
  readonly #rtp: UdpSocket;
  readonly #rtcp: UdpSocket;
  readonly #address: string;
  readonly #rtpPort: number;
  readonly #rtcpPort: number;

  constructor(options: {
    rtp: UdpSocket;
    rtcp: UdpSocket;
    address: string;
    rtpPort: number;
    rtcpPort: number;
  }) {
    this.#rtp = options.rtp;
    this.#rtcp = options.rtcp;
    this.#address = options.address;
    this.#rtpPort = options.rtpPort;
    this.#rtcpPort = options.rtcpPort;
  }

  send(picture: SentPicture, report: Buffer | undefined): void {
    // A datagram nobody listens for is no error of ours; the session ends by its timeout.
    if (report !== undefined) this.#rtcp.send(report, this.#rtcpPort, this.#address, ignore);
    const { bytes, offsets } = picture;
    for (const offset of offsets) {
      const start = offset + INTERLEAVED_HEADER;
      const packet = bytes.subarray(start, start + bytes.readUInt16BE(offset + 2));
      this.#rtp.send(packet, this.#rtpPort, this.#address, ignore);
    }
  }
}

function ignore(): void {}
