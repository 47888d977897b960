// The ways of one session's media sections, set up one by one: what a reader is sent, where a publisher's packets belong.
// Not its job: requests, and what the session is for.
import type { Socket } from 'node:net';
import type { Clock } from '@vedette/runtime';
import { interleavedLine, type MediaLine, udpLine } from './media-line.ts';
import { ReaderQueue } from './reader-queue.ts';
import { type PacketBatch, type ReaderStats, RtspRefusal } from './rtsp-handler.ts';
import type { AskedTransport } from './transport-header.ts';

export interface SessionLinesOptions {
  readonly socket: Socket;
  readonly peer: string;
  readonly clock: Clock;
  /** From UDP, or by `packet`. */
  readonly onRtp: (media: number, data: Uint8Array) => void;
  readonly onRtcp: (media: number, data: Uint8Array) => void;
}

/** What waits for a reader; a whole group of pictures fits, which whoever joins is given at once. */
const MAX_WAITING_BYTES = 8 * 1024 * 1024;
/** More than any camera has; each costs channels or ports. */
const MAX_LINES = 16;
/** A reader whose socket takes nothing for so long is gone. */
const STUCK_MS = 15_000;

export class SessionLines {
  readonly #options: SessionLinesOptions;
  readonly #queue: ReaderQueue;
  readonly #lines = new Map<number, MediaLine>();
  #drainedAtMs: number;

  constructor(options: SessionLinesOptions) {
    const { clock, socket } = options;
    this.#options = options;
    this.#drainedAtMs = clock.now();
    this.#queue = new ReaderQueue({
      maxBytes: MAX_WAITING_BYTES,
      send: (batch) => {
        if (socket.writableLength === 0) this.#drainedAtMs = clock.now();
        return this.#lines.get(batch.media)?.send(batch) ?? true;
      },
    });
    socket.on('drain', () => {
      this.#drainedAtMs = clock.now();
      this.#queue.ready();
    });
  }

  get size(): number {
    return this.#lines.size;
  }

  get overUdp(): boolean {
    return [...this.#lines.values()].some(({ channels }) => channels === undefined);
  }

  /** The connection takes nothing any more. */
  get isStuck(): boolean {
    const { clock, socket } = this.#options;
    return socket.writableLength > 0 && clock.now() - this.#drainedAtMs > STUCK_MS;
  }

  /** Returns what the answer says of it. Throws RtspRefusal at too many, RtspError when there are no UDP ports. */
  async setUp(media: number, asked: AskedTransport, isRecording: boolean): Promise<string> {
    const { clock, onRtcp, onRtp, peer, socket } = this.#options;
    if (this.#lines.size >= MAX_LINES && !this.#lines.has(media))
      throw new RtspRefusal(453, 'too many tracks');
    const line =
      asked.kind === 'interleaved'
        ? interleavedLine(socket, this.#freeChannels(asked.channels, media), isRecording)
        : await udpLine({
            peer,
            clock,
            isRecording,
            ports: asked.ports,
            onRtp: (data) => onRtp(media, data),
            onRtcp: (data) => onRtcp(media, data),
            onReady: () => this.#queue.ready(),
          });
    if (socket.destroyed) line.close();
    this.#lines.get(media)?.close();
    this.#lines.set(media, line);
    return line.transport;
  }

  /** A packet of the connection. */
  packet(channel: number, data: Uint8Array): void {
    for (const [media, { channels }] of this.#lines) {
      if (channels?.[0] === channel) this.#options.onRtp(media, data);
      else if (channels?.[1] === channel) this.#options.onRtcp(media, data);
    }
  }

  /** What the reader did not ask for is left out. */
  send(batch: PacketBatch): void {
    if (this.#lines.has(batch.media)) this.#queue.push(batch);
  }

  stats(): ReaderStats {
    return this.#queue.stats();
  }

  sendRtcp(media: number, data: Uint8Array): void {
    // A report that comes late says something wrong.
    if (this.#queue.waitingBytes === 0) this.#lines.get(media)?.sendRtcp(data);
  }

  /** What is sent next begins at a key frame. */
  interrupt(): void {
    this.#queue.clear();
    this.#drainedAtMs = this.#options.clock.now();
  }

  close(): void {
    this.#queue.clear();
    for (const line of this.#lines.values()) line.close();
    this.#lines.clear();
  }

  /** The pair that was asked for, if it is free, else one of ours: some ask for odd ones, or twice for the same. */
  #freeChannels(asked: readonly [number, number] | undefined, media: number): readonly [number, number] {
    const taken = new Set(
      [...this.#lines].flatMap(([other, line]) => (other === media ? [] : (line.channels ?? []))),
    );
    const isFree = (channel: number) => channel <= 254 && !taken.has(channel) && !taken.has(channel + 1);
    if (asked !== undefined && isFree(asked[0])) return [asked[0], asked[0] + 1];
    let channel = 2 * media;
    while (!isFree(channel)) channel = (channel + 2) % 254;
    return [channel, channel + 1];
  }
}
