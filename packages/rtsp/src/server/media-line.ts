import type { Socket } from 'node:net';
import type { Clock } from '@vedette/runtime';
import { UdpPorts } from '../udp-ports.ts';
import { framedPacket, onChannel } from './frame-packets.ts';
import { PacedDatagrams } from './paced-datagrams.ts';
import type { PacketBatch } from './rtsp-handler.ts';

/** The way of one media section of a session: two channels of the connection, or two UDP ports. */
export interface MediaLine {
  /** For the answer to SETUP. */
  readonly transport: string;
  /** Of the connection; undefined over UDP. */
  readonly channels: readonly [number, number] | undefined;
  /** False when no more is taken for now. */
  send(batch: PacketBatch): boolean;
  sendRtcp(data: Uint8Array): void;
  close(): void;
}

export interface UdpLineOptions {
  readonly peer: string;
  readonly ports: readonly [number, number];
  readonly clock: Clock;
  readonly isRecording: boolean;
  readonly onRtp: (data: Uint8Array) => void;
  readonly onRtcp: (data: Uint8Array) => void;
  /** More is taken again. */
  readonly onReady: () => void;
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
    channels,
    send: (batch) => socket.write(onChannel(batch, rtp)),
    sendRtcp: (data) => void socket.write(framedPacket(rtcp, data)),
    close: () => undefined,
  };
}

/** Throws RtspError when there is no free pair of ports. */
export async function udpLine(options: UdpLineOptions): Promise<MediaLine> {
  const { clock, isRecording, onReady, onRtcp, onRtp, peer, ports } = options;
  const [rtp, rtcp] = ports;
  const own = await UdpPorts.open({ peer, onRtp, onRtcp });
  if (isRecording) own.punch(rtp, rtcp);
  const mode = isRecording ? ';mode=record' : '';
  const paced = new PacedDatagrams({ clock, onReady, send: (packet) => own.sendRtp(packet, rtp) });
  return {
    transport: `RTP/AVP/UDP;unicast;client_port=${rtp}-${rtcp};server_port=${own.rtpPort}-${own.rtpPort + 1}${mode}`,
    channels: undefined,
    send: (batch) => paced.send(batch.packets),
    sendRtcp: (data) => own.sendRtcp(data, rtcp),
    close: () => {
      paced.close();
      own.close();
    },
  };
}
