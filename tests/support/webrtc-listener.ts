// A WHEP viewer that keeps what it is sent, sound included, and can send feedback of its own making.
import {
  buildReceiverReport,
  parseRtcp,
  parseRtpPacket,
  type RtcpMessage,
  type RtpPacket,
  sequenceDelta,
} from '@vedette/rtp';
import nodeDataChannel from 'node-datachannel';

export interface ListenerOptions {
  readonly url: string;
  readonly token: string;
  /** Payload types of the audio section; none leaves it out. */
  readonly audio?: readonly ('opus' | 'pcmu' | 'pcma' | 'g722')[];
  /** Reports what it received twice a second, as browsers do. */
  readonly reporting?: boolean;
  /** Changes the answer on its way: candidates, say, to lead through a proxy. */
  readonly rewriteAnswer?: (answer: string) => string;
}

export interface Heard {
  readonly packet: RtpPacket;
  /** Ms on the monotonic clock. */
  readonly atMs: number;
}

const PAYLOAD_TYPES = { opus: 111, pcmu: 0, pcma: 8, g722: 9 } as const;
const H264 = 'profile-level-id=42e01f;packetization-mode=1;level-asymmetry-allowed=1';

type Track = InstanceType<typeof nodeDataChannel.Track>;

export class WebrtcListener implements AsyncDisposable {
  readonly video: Heard[] = [];
  readonly audio: Heard[] = [];
  readonly reports: { readonly report: RtcpMessage; readonly atMs: number }[] = [];
  answer = '';
  resource = '';
  state = 'new';
  readonly #connection = new nodeDataChannel.PeerConnection('listener', {
    iceServers: [],
    bindAddress: '127.0.0.1',
    disableAutoNegotiation: true,
  });
  readonly #video: Track;
  readonly #audio: Track | undefined;
  readonly #token: string;
  readonly #reporting: NodeJS.Timeout | undefined;
  #reported = 0;

  private constructor(options: ListenerOptions) {
    this.#token = options.token;
    const video = new nodeDataChannel.Video('0', 'RecvOnly');
    video.addH264Codec(102, H264);
    this.#video = this.#connection.addTrack(video);
    this.#video.onMessage((data) => this.#received(data, this.video));
    if (options.audio !== undefined) {
      const audio = new nodeDataChannel.Audio('1', 'RecvOnly');
      for (const codec of options.audio) {
        if (codec === 'opus') audio.addOpusCodec(PAYLOAD_TYPES.opus);
        else audio.addAudioCodec(PAYLOAD_TYPES[codec], codec.toUpperCase());
      }
      this.#audio = this.#connection.addTrack(audio);
      this.#audio.onMessage((data) => this.#received(data, this.audio));
    }
    if (options.reporting === true) this.#reporting = setInterval(() => this.#report(), 500);
    this.#connection.onStateChange((state) => {
      this.state = state;
    });
  }

  /** Resolves with the answer applied; throws with status and text of a refusal. */
  static async open(options: ListenerOptions): Promise<WebrtcListener> {
    const listener = new WebrtcListener(options);
    listener.#connection.setLocalDescription('offer');
    const offer = (listener.#connection.localDescription()?.sdp ?? '').replaceAll(
      /a=(candidate:.*|end-of-candidates)\r\n/g,
      '',
    );
    const response = await fetch(options.url, {
      method: 'POST',
      headers: { 'content-type': 'application/sdp', authorization: `Bearer ${options.token}` },
      body: offer,
    });
    const answer = await response.text();
    if (response.status !== 201) {
      listener.#connection.close();
      throw new Error(`WHEP answered ${response.status}: ${answer}`);
    }
    listener.resource = new URL(response.headers.get('location') ?? '', options.url).href;
    listener.answer = answer;
    listener.#connection.setRemoteDescription(options.rewriteAnswer?.(answer) ?? answer, 'answer');
    return listener;
  }

  /** RTCP of our own making. */
  send(rtcp: Uint8Array): void {
    this.#video.sendMessageBinary(Buffer.from(rtcp));
  }

  /** Sequence numbers that are missing between the first and the last packet of the picture. */
  get lost(): number {
    const seen = new Set(this.video.map(({ packet }) => packet.sequence));
    return this.#span(this.video) - seen.size;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await fetch(this.resource, {
      method: 'DELETE',
      headers: { authorization: `Bearer ${this.#token}` },
    }).catch(() => undefined);
    clearInterval(this.#reporting);
    this.#video.close();
    this.#audio?.close();
    this.#connection.close();
  }

  #span(packets: readonly Heard[]): number {
    const [first, last] = [packets[0], packets.at(-1)];
    return first === undefined || last === undefined
      ? 0
      : sequenceDelta(last.packet.sequence, first.packet.sequence) + 1;
  }

  #report(): void {
    const recent = this.video.slice(this.#reported);
    const last = recent.at(-1);
    if (last === undefined || this.state !== 'connected') return;
    this.#reported = this.video.length;
    const { ssrc, sequence } = last.packet;
    const block = {
      ssrc,
      fractionLost: 1 - recent.length / Math.max(1, this.#span(recent)),
      packetsLost: this.lost,
      highestSequence: sequence,
      jitter: 0,
      lastSenderReport: 0,
      delaySinceLastSenderReport: 0,
    };
    this.send(buildReceiverReport({ ssrc: 1, cname: 'listener', blocks: [block] }));
  }

  #received(data: Buffer, into: Heard[]): void {
    const atMs = performance.now();
    const type = (data[1] ?? 0) & 0x7f;
    // RTCP shares the port (RFC 5761 section 4).
    if (type >= 64 && type <= 95) {
      for (const report of parseRtcp(data)) this.reports.push({ report, atMs });
      return;
    }
    const packet = parseRtpPacket(data);
    if (packet !== null) into.push({ packet, atMs });
  }
}
