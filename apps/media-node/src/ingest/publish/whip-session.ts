// One encoder over WebRTC: RTP in by libdatachannel, tracks and frames out; key frames asked for, reports given back.
// Not its job: SDP, HTTP, and who may publish.
import { randomInt } from 'node:crypto';
import type { Clock } from '@vedette/runtime';
import nodeDataChannel from 'node-datachannel';
import type { PeerConnection } from '../../webrtc/peer-port.ts';
import { PulledMedia } from '../rtsp/pulled-media.ts';
import type { ActivePublisher, PublishLine, PublishPlace } from './publish-registry.ts';
import { buildBitrateLimit, buildPictureLoss } from './whip-feedback.ts';
import type { WhipPlan } from './whip-plan.ts';

export interface WhipSessionOptions {
  readonly id: string;
  readonly path: string;
  /** What was taken, for whoever looks at credentials again. */
  readonly place: PublishPlace;
  readonly line: PublishLine;
  readonly remoteUfrag: string;
  readonly plan: WhipPlan;
  readonly connection: PeerConnection;
  readonly clock: Clock;
  readonly onClosed: (session: WhipSession) => void;
}

type MediaTrack = InstanceType<typeof nodeDataChannel.Track>;

const TICK_MS = 500;
/** Browsers send a key frame only when asked; viewers who join start at one, so it is asked for as cameras send it. */
const KEY_FRAME_INTERVAL_MS = 2000;
const CONNECT_MS = 10_000;
const SILENCE_MS = 5000;
/** Told to browsers, which otherwise begin at 300 kbit/s and dare no more for long. */
const BITS_PER_SECOND = 8_000_000;

export class WhipSession implements ActivePublisher {
  readonly id: string;
  readonly path: string;
  readonly place: PublishPlace;
  readonly etag: string;
  readonly remoteUfrag: string;
  readonly #options: WhipSessionOptions;
  readonly #media: PulledMedia;
  readonly #video: MediaTrack | undefined;
  readonly #audio: MediaTrack | undefined;
  readonly #ssrc = randomInt(1, 2 ** 31);
  #cancelTick: (() => void) | undefined;
  #state: 'connecting' | 'publishing' | 'closed' = 'connecting';
  #changedAtMs: number;
  #leadPackets = 0;
  #packetsLost = 0;
  #askedAtMs = Number.NEGATIVE_INFINITY;
  #videoSource: number | undefined;

  /** After the remote description is set on the connection. */
  constructor(options: WhipSessionOptions) {
    this.#options = options;
    const { clock, connection, line, plan } = options;
    this.id = options.id;
    this.path = options.path;
    this.place = options.place;
    this.etag = `"${options.id.slice(0, 8)}"`;
    this.remoteUfrag = options.remoteUfrag;
    this.#changedAtMs = clock.now();
    this.#media = new PulledMedia({
      media: plan.media,
      unordered: true,
      lastTicks: line.lastTicks,
      transcodeVideo: undefined,
      clock,
      sink: line.sink,
    });
    if (plan.video !== undefined) {
      const video = new nodeDataChannel.Video(plan.video.mid, 'RecvOnly');
      video.addH264Codec(plan.video.format.payloadType, plan.video.format.fmtp);
      this.#video = connection.addTrack(video);
      this.#video.onMessage((data) => this.#received('video', data));
    }
    if (plan.audio !== undefined) {
      const { codec, payloadType } = plan.audio.format;
      const audio = new nodeDataChannel.Audio(plan.audio.mid, 'RecvOnly');
      if (codec === 'opus') audio.addOpusCodec(payloadType);
      else audio.addAudioCodec(payloadType, codec.toUpperCase());
      this.#audio = connection.addTrack(audio);
      this.#audio.onMessage((data) => this.#received('audio', data));
    }
    connection.onStateChange((state) => {
      if (state === 'connected') this.#connected();
      else if (state === 'failed' || state === 'closed') this.end();
    });
    this.#tick();
  }

  /** Ticks of 90 kHz. */
  get lastTicks(): number | undefined {
    return this.#media.lastTicks;
  }

  get packetsLost(): number {
    return this.#media.packetsLost;
  }

  /** Sends the encoder away. May be repeated. */
  end(): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    this.#cancelTick?.();
    void this.#media.close();
    this.#video?.close();
    this.#audio?.close();
    this.#options.connection.close();
    this.#options.onClosed(this);
    this.#options.line.onEnded();
  }

  #connected(): void {
    if (this.#state !== 'connecting') return;
    this.#state = 'publishing';
    this.#changedAtMs = this.#options.clock.now();
    this.#options.line.onPublishing();
    this.#askForKeyFrame();
  }

  #received(kind: 'video' | 'audio', data: Buffer): void {
    if (this.#state === 'closed') return;
    const type = (data[1] ?? 0) & 0x7f;
    // RTCP shares the port (RFC 5761 section 4).
    if (type >= 64 && type <= 95) {
      this.#media.rtcp(kind, data);
      return;
    }
    if (kind === 'video' && data.length >= 12 && this.#videoSource === undefined) {
      this.#videoSource = data.readUInt32BE(8);
      this.#askForKeyFrame();
    }
    this.#media.rtp(kind, data);
  }

  /** Twice a second: reports, key frames, and whether anybody is still there. */
  #tick(): void {
    const { clock } = this.#options;
    const now = clock.now();
    if (this.#media.leadPackets !== this.#leadPackets) {
      this.#leadPackets = this.#media.leadPackets;
      this.#changedAtMs = now;
    }
    if (now - this.#changedAtMs > (this.#state === 'connecting' ? CONNECT_MS : SILENCE_MS)) {
      this.end();
      return;
    }
    if (this.#state === 'publishing') {
      for (const kind of ['video', 'audio'] as const) {
        const report = this.#media.receiverReport(kind, now);
        if (report !== null) this.#send(kind, report);
      }
      const lost = this.#media.packetsLost > this.#packetsLost;
      this.#packetsLost = this.#media.packetsLost;
      if (lost || now - this.#askedAtMs >= KEY_FRAME_INTERVAL_MS) this.#askForKeyFrame();
    }
    this.#cancelTick = clock.after(TICK_MS, () => this.#tick());
  }

  #askForKeyFrame(): void {
    if (this.#videoSource === undefined) return;
    this.#askedAtMs = this.#options.clock.now();
    this.#send('video', buildPictureLoss(this.#ssrc, this.#videoSource));
    this.#send('video', buildBitrateLimit(this.#ssrc, this.#videoSource, BITS_PER_SECOND));
  }

  #send(kind: 'video' | 'audio', rtcp: Uint8Array): void {
    try {
      (kind === 'video' ? this.#video : this.#audio)?.sendMessageBinary(Buffer.from(rtcp));
    } catch {
      // Not connected yet, or not any more.
    }
  }
}
