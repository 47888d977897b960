import type { ChosenMedia, MediaKind } from './choose-media.ts';
import type { RtspConnection } from './rtsp-connection.ts';
import { RtspError } from './rtsp-error.ts';
import type { SdpMedia } from './sdp.ts';
import { UdpPorts } from './udp-ports.ts';

export interface MediaTaker {
  readonly onRtp: (kind: MediaKind, data: Uint8Array) => void;
  readonly onRtcp: (kind: MediaKind, data: Uint8Array) => void;
}

interface MediaLaneOptions extends MediaTaker {
  readonly kind: MediaKind;
  readonly media: SdpMedia;
  /** 0 for the first media of a session, 1 for the second. */
  readonly index: number;
}

/** How the packets of one media come: on two channels of the RTSP connection, or on a pair of UDP ports of their own. */
export class MediaLane {
  readonly kind: MediaKind;
  readonly media: SdpMedia;
  readonly #options: MediaLaneOptions;
  #channels: { readonly rtp: number; readonly rtcp: number };
  #udp: UdpPorts | undefined;

  constructor(options: MediaLaneOptions) {
    this.kind = options.kind;
    this.media = options.media;
    this.#options = options;
    this.#channels = { rtp: 2 * options.index, rtcp: 2 * options.index + 1 };
  }

  /** Takes a pair of ports; `peer` is the address that the camera was reached at. Throws RtspError. */
  async openUdp(peer: string): Promise<void> {
    const { kind, onRtp, onRtcp } = this.#options;
    this.#udp = await UdpPorts.open({
      peer,
      onRtp: (data) => onRtp(kind, data),
      onRtcp: (data) => onRtcp(kind, data),
    });
  }

  /** What SETUP asks for. */
  get transport(): string {
    const port = this.#udp?.rtpPort;
    return port === undefined
      ? `RTP/AVP/TCP;unicast;interleaved=${this.#channels.rtp}-${this.#channels.rtcp}`
      : `RTP/AVP;unicast;client_port=${port}-${port + 1}`;
  }

  /** The camera has the last word about channels and ports. Throws RtspError when it insists on TCP. */
  useAnswer(transport: string): void {
    if (this.#udp === undefined) {
      const [, rtp, rtcp] = /interleaved\s*=\s*(\d+)(?:\s*-\s*(\d+))?/i.exec(transport) ?? [];
      if (rtp !== undefined)
        this.#channels = { rtp: Number(rtp), rtcp: rtcp === undefined ? Number(rtp) + 1 : Number(rtcp) };
      return;
    }
    if (/RTP\/AVP\/TCP/i.test(transport))
      throw new RtspError('camera_protocol_error', 'setup', 'The camera insists on TCP.');
    const [, rtp, rtcp] = /server_port\s*=\s*(\d+)(?:\s*-\s*(\d+))?/i.exec(transport) ?? [];
    if (rtp !== undefined) this.#udp.punch(Number(rtp), rtcp === undefined ? Number(rtp) + 1 : Number(rtcp));
  }

  /** A packet of the RTSP connection; of no interest when its channel is another's. */
  packet(channel: number, data: Uint8Array): void {
    if (this.#udp !== undefined) return;
    if (channel === this.#channels.rtp) this.#options.onRtp(this.kind, data);
    else if (channel === this.#channels.rtcp) this.#options.onRtcp(this.kind, data);
  }

  sendRtcp(connection: RtspConnection, data: Uint8Array): void {
    if (this.#udp === undefined) connection.sendPacket(this.#channels.rtcp, data);
    else this.#udp.sendRtcp(data);
  }

  close(): void {
    this.#udp?.close();
  }
}

export function mediaOf(lanes: readonly MediaLane[]): ChosenMedia {
  const of = (kind: MediaKind) => lanes.find((lane) => lane.kind === kind)?.media;
  return { video: of('video'), audio: of('audio') };
}
