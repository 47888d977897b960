// A viewer without a browser: opens WHEP by libdatachannel, receives RTP, counts pictures. For tests and benches.
// Not its job: decoding. What it counts as a picture is a marker bit, as a key frame an IDR slice or its parameter sets.
import nodeDataChannel from 'node-datachannel';

const H264_PROFILES = [
  'profile-level-id=42e01f;packetization-mode=1;level-asymmetry-allowed=1',
  'profile-level-id=640c1f;packetization-mode=1;level-asymmetry-allowed=1',
];
const FIRST_PAYLOAD_TYPE = 102;

export interface WhepViewerOptions {
  readonly url: string;
  readonly token: string;
  readonly signal?: AbortSignal;
  /** Local UDP address; loopback unless told otherwise. */
  readonly bindAddress?: string;
  /** Media comes through this TURN server and in no other way; the library speaks UDP with it. */
  readonly relay?: {
    readonly hostname: string;
    readonly port: number;
    readonly username: string;
    readonly password: string;
  };
  /** A picture is there that can be decoded: its last packet came, and a key frame came before it. */
  readonly onPicture?: () => void;
  /** As libdatachannel calls it: connected, disconnected, failed, closed. */
  readonly onState?: (state: string) => void;
}

/** The node answered, but not with a session. */
export class WhepRefused extends Error {
  readonly response: Response;

  constructor(response: Response, text: string) {
    super(`WHEP answered ${response.status}: ${text}`);
    this.response = new Response(text, { status: response.status, headers: response.headers });
  }
}

/** What a viewer has received so far; times are ms on the monotonic clock. */
export interface ViewerCounts {
  readonly packets: number;
  readonly bytes: number;
  readonly frames: number;
  readonly keyFrames: number;
  readonly firstKeyFrameAt: number | undefined;
  readonly lastFrameAt: number | undefined;
  /** Gaps in the sequence numbers. */
  readonly lost: number;
}

export class WhepViewer implements AsyncDisposable {
  readonly openedAt = performance.now();
  readonly #connection: InstanceType<typeof nodeDataChannel.PeerConnection>;
  readonly #token: string;
  readonly #onPicture: () => void;
  /** Held, because the library's wrapper takes its callbacks along when it is collected. */
  readonly #track: InstanceType<typeof nodeDataChannel.Track>;
  #resource: string | undefined;
  #state = 'new';
  #packets = 0;
  #bytes = 0;
  #frames = 0;
  #keyFrames = 0;
  #lost = 0;
  #firstKeyFrameAt: number | undefined;
  #lastFrameAt: number | undefined;
  #sequence: number | undefined;
  #keyTimestamp: number | undefined;

  private constructor(options: WhepViewerOptions) {
    this.#token = options.token;
    this.#onPicture = options.onPicture ?? (() => undefined);
    this.#connection = new nodeDataChannel.PeerConnection('viewer', {
      iceServers: options.relay === undefined ? [] : [{ ...options.relay, relayType: 'TurnUdp' }],
      iceTransportPolicy: options.relay === undefined ? 'all' : 'relay',
      bindAddress: options.bindAddress ?? '127.0.0.1',
      disableAutoNegotiation: true,
    });
    this.#connection.onStateChange((state) => {
      this.#state = state;
      options.onState?.(state);
    });
    const video = new nodeDataChannel.Video('0', 'RecvOnly');
    H264_PROFILES.forEach((profile, index) => {
      video.addH264Codec(FIRST_PAYLOAD_TYPE + 2 * index, profile);
    });
    this.#track = this.#connection.addTrack(video);
    this.#track.setMediaHandler(new nodeDataChannel.RtcpReceivingSession());
    this.#track.onMessage((packet) => this.#onPacket(packet));
  }

  /** Resolves once the answer is applied; pictures follow. Throws with the server's status and text. */
  static async open(options: WhepViewerOptions): Promise<WhepViewer> {
    const viewer = new WhepViewer(options);
    try {
      await viewer.#negotiate(options);
      return viewer;
    } catch (error) {
      viewer.#connection.close();
      throw error;
    }
  }

  get state(): string {
    return this.#state;
  }

  /** How ICE calls the address that media comes to: host, srflx, prflx, relay; undefined before it is connected. */
  get candidateType(): string | undefined {
    return this.#connection.getSelectedCandidatePair()?.local.type;
  }

  /** Address of the session at the server, for DELETE. */
  get resource(): string | undefined {
    return this.#resource;
  }

  get counts(): ViewerCounts {
    return {
      packets: this.#packets,
      bytes: this.#bytes,
      frames: this.#frames,
      keyFrames: this.#keyFrames,
      firstKeyFrameAt: this.#firstKeyFrameAt,
      lastFrameAt: this.#lastFrameAt,
      lost: this.#lost,
    };
  }

  /** Says goodbye by DELETE, then closes; `silently` vanishes without a word, as a crashed browser does. */
  async close(how: 'politely' | 'silently' = 'politely'): Promise<void> {
    const resource = this.#resource;
    this.#resource = undefined;
    if (how === 'politely' && resource !== undefined) {
      await fetch(resource, { method: 'DELETE', headers: { authorization: `Bearer ${this.#token}` } }).catch(
        () => undefined,
      );
    }
    this.#connection.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #negotiate(options: WhepViewerOptions): Promise<void> {
    this.#connection.setLocalDescription('offer');
    // Without candidates, as browsers send it: the library takes a check that comes before the answer for a peer
    // whose fingerprint it does not know yet, and gives up.
    const offer = (this.#connection.localDescription()?.sdp ?? '').replaceAll(
      /a=(candidate:.*|end-of-candidates)\r\n/g,
      '',
    );
    const response = await fetch(options.url, {
      method: 'POST',
      headers: { 'content-type': 'application/sdp', authorization: `Bearer ${options.token}` },
      body: offer,
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    });
    const answer = await response.text();
    if (response.status !== 201) throw new WhepRefused(response, answer);
    const location = response.headers.get('location');
    if (location !== null) this.#resource = new URL(location, options.url).href;
    this.#connection.setRemoteDescription(answer, 'answer');
  }

  #onPacket(packet: Buffer): void {
    if (packet.length < 13) return;
    const payloadType = packet.readUInt8(1) & 0x7f;
    // RTCP shares the port (RFC 5761): 64 to 95 in this place are its packet types.
    if (payloadType >= 64 && payloadType <= 95) return;
    this.#packets += 1;
    this.#bytes += packet.length;
    const sequence = packet.readUInt16BE(2);
    if (this.#sequence !== undefined) {
      const gap = (sequence - this.#sequence - 1) & 0xffff;
      if (gap < 0x8000) this.#lost += gap;
    }
    this.#sequence = sequence;
    const hasExtension = (packet.readUInt8(0) & 0x10) !== 0;
    let offset = 12 + 4 * (packet.readUInt8(0) & 0x0f);
    if (hasExtension && packet.length >= offset + 4) offset += 4 + 4 * packet.readUInt16BE(offset + 2);
    const now = performance.now();
    if (offset + 1 < packet.length && startsKeyFrame(packet, offset)) {
      const timestamp = packet.readUInt32BE(4);
      if (this.#keyTimestamp !== timestamp) {
        this.#keyTimestamp = timestamp;
        this.#keyFrames += 1;
        this.#firstKeyFrameAt ??= now;
      }
    }
    if ((packet.readUInt8(1) & 0x80) !== 0) {
      this.#frames += 1;
      this.#lastFrameAt = now;
      if (this.#keyFrames > 0) this.#onPicture();
    }
  }
}

/** IDR (5) or SPS (7), alone, first in a STAP-A (24) or at the start of an FU-A (28); RFC 6184 section 5. */
function startsKeyFrame(packet: Buffer, offset: number): boolean {
  const type = packet.readUInt8(offset) & 0x1f;
  if (type === 5 || type === 7) return true;
  if (type === 24 && packet.length > offset + 3) return [5, 7].includes(packet.readUInt8(offset + 3) & 0x1f);
  if (type === 28) {
    const header = packet.readUInt8(offset + 1);
    return (header & 0x80) !== 0 && (header & 0x1f) === 5;
  }
  return false;
}
