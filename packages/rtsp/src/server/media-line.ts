import type { Socket } from 'node:net';
import { UdpPorts } from '../udp-ports.ts';
import { framedPacket, onChannel } from './frame-packets.ts';
import type { PacketBatch } from './rtsp-handler.ts';
import { type AskedTransport, readTransport } from './transport-header.ts';

/** The way of one media section of a session: two channels of the connection, or two UDP ports. */
export interface MediaLine {
  /** For the answer to SETUP. */
  readonly transport: string;
  readonly overUdp: boolean;
  send(batch: PacketBatch): void;
  sendRtcp(data: Uint8Array): void;
  close(): void;
}

export interface Incoming {
  readonly onRtp: (data: Uint8Array) => void;
  readonly onRtcp: (data: Uint8Array) => void;
}

/** Undefined when the transport cannot be served. */
export function askedTransport(header: string | undefined, udpAllowed: boolean): AskedTransport | undefined {
  const asked = readTransport(header ?? '');
  return asked?.kind === 'udp' && !udpAllowed ? undefined : asked;
}

export function interleavedLine(
  socket: Socket,
  channels: readonly [number, number],
  isRecording: boolean,
): MediaLine {
  const [rtp, rtcp] = channels;
  const mode = isRecording ? ';mode=record' : '';
  return {
    transport: `RTP/AVP/TCP;unicast;interleaved=${rtp}-${rtcp}${mode}`,
    overUdp: false,
    send: (batch) => void socket.write(onChannel(batch, rtp)),
    sendRtcp: (data) => void socket.write(framedPacket(rtcp, data)),
    close: () => undefined,
  };
}

/** Throws RtspError when there is no free pair of ports. */
export async function udpLine(
  peer: string,
  ports: readonly [number, number],
  incoming: Incoming,
  isRecording: boolean,
): Promise<MediaLine> {
  const [rtp, rtcp] = ports;
  const own = await UdpPorts.open({ peer, ...incoming });
  if (isRecording) own.punch(rtp, rtcp);
  const mode = isRecording ? ';mode=record' : '';
  return {
    transport: `RTP/AVP/UDP;unicast;client_port=${rtp}-${rtcp};server_port=${own.rtpPort}-${own.rtpPort + 1}${mode}`,
    overUdp: true,
    send: (batch) => {
      for (const packet of batch.packets) own.sendRtp(packet, rtp);
    },
    sendRtcp: (data) => own.sendRtcp(data, rtcp),
    close: () => own.close(),
  };
}
