// Streams of this node as addresses that our own FFmpeg processes read from and publish to.
// On this machine's loopback alone; every address is good once and cannot be guessed.
// Not its job: starting processes, viewers.
import { randomBytes } from 'node:crypto';
import type { FrameSink } from '@vedette/media-types';
import {
  framePackets,
  type RtspAsk,
  type RtspHandler,
  type RtspMount,
  type RtspReader,
  type RtspRecording,
  RtspRefusal,
  RtspServer,
} from '@vedette/rtsp';
import type { Clock } from '@vedette/runtime';
import { PacketFeed } from '../hub/packet-feed.ts';
import type { StreamHub } from '../hub/stream-hub.ts';
import { RtspReception, readAnnouncement } from '../ingest/publish/rtsp-reception.ts';
import type { LoopbackPort, LoopbackReception, LoopbackRelay } from './loopback-port.ts';

const HOST = '127.0.0.1';
/** A stream whose tracks are about to be known. */
const TRACKS_MS = 20_000;

type Offer =
  | { readonly kind: 'play'; readonly open: () => Promise<RtspMount> }
  | { readonly kind: 'record'; readonly open: (sdp: string) => RtspRecording };

export class LoopbackRtsp implements LoopbackPort {
  readonly #clock: Clock;
  readonly #offers = new Map<string, Offer>();
  #server: RtspServer | undefined;

  private constructor(options: { readonly clock: Clock }) {
    this.#clock = options.clock;
  }

  static async open(options: { readonly clock: Clock }): Promise<LoopbackRtsp> {
    const loopback = new LoopbackRtsp(options);
    const handler: RtspHandler = {
      play: async (ask) => {
        const offer = loopback.#take(ask);
        if (offer.kind !== 'play') throw new RtspRefusal(405, 'this is for publishing');
        return offer.open();
      },
      record: async (ask, sdp) => {
        const offer = loopback.#take(ask);
        if (offer.kind !== 'record') throw new RtspRefusal(405, 'this is for playing');
        return offer.open(sdp);
      },
    };
    loopback.#server = await RtspServer.listen({
      handler,
      clock: options.clock,
      host: HOST,
      port: 0,
      udpAllowed: false,
      challenges: () => [],
    });
    return loopback;
  }

  async close(): Promise<void> {
    this.#offers.clear();
    await this.#server?.close();
  }

  serve({ hub, signal }: { readonly hub: StreamHub; readonly signal: AbortSignal }): string {
    const id = randomBytes(16).toString('hex');
    const feed = new PacketFeed({ id: `loopback-${id}`, hub, clock: this.#clock });
    return this.#offer(id, signal, {
      kind: 'play',
      open: async () => {
        const description = await this.#described(feed, signal);
        return endedBy(signal, {
          sdp: description.sdp,
          controls: description.media.map(({ control }) => control),
          join: (reader) => feed.join(reader),
        });
      },
    });
  }

  receive(options: {
    readonly sink: FrameSink;
    readonly firstTicks: number | undefined;
    readonly onPublishing: () => void;
    readonly signal: AbortSignal;
  }): LoopbackReception {
    const { firstTicks, onPublishing, signal, sink } = options;
    const ended = Promise.withResolvers<void>();
    let reception: RtspReception | undefined;
    signal.addEventListener('abort', () => {
      reception?.end();
      ended.resolve();
    });
    const url = this.#offer(randomBytes(16).toString('hex'), signal, {
      kind: 'record',
      open: (sdp) => {
        reception = new RtspReception({
          announced: readAnnouncement(sdp, { anyVideo: false }),
          sink,
          lastTicks: firstTicks,
          clock: this.#clock,
          onPublishing,
          onEnded: () => ended.resolve(),
        });
        return reception;
      },
    });
    return {
      url,
      ended: ended.promise,
      get lastTicks() {
        return reception?.lastTicks ?? firstTicks;
      },
      get packetsLost() {
        return reception?.packetsLost ?? 0;
      },
    };
  }

  relay({ sdp, signal }: { readonly sdp: string; readonly signal: AbortSignal }): LoopbackRelay {
    let reader: RtspReader | undefined;
    const control = 'trackID=0';
    const described = /^a=control:/m.test(sdp) ? sdp : `${sdp.trimEnd()}\r\na=control:${control}\r\n`;
    const url = this.#offer(randomBytes(16).toString('hex'), signal, {
      kind: 'play',
      open: async () =>
        endedBy(signal, {
          sdp: described,
          controls: [control],
          join: (joined) => {
            reader = joined;
            return () => {
              if (reader === joined) reader = undefined;
            };
          },
        }),
    });
    return {
      url,
      // Every packet may be a beginning: only who reads it can tell.
      rtp: (data) => reader?.rtp(framePackets(0, [Buffer.from(data)], true)),
      rtcp: (data) => reader?.rtcp(0, data),
    };
  }

  #offer(path: string, signal: AbortSignal, offer: Offer): string {
    if (!signal.aborted) {
      this.#offers.set(path, offer);
      signal.addEventListener('abort', () => this.#offers.delete(path), { once: true });
    }
    return `rtsp://${HOST}:${this.#server?.port ?? 0}/${path}`;
  }

  #take({ path }: RtspAsk): Offer {
    const offer = this.#offers.get(path);
    if (offer === undefined) throw new RtspRefusal(404, 'there is nothing here');
    this.#offers.delete(path);
    return offer;
  }

  async #described(feed: PacketFeed, signal: AbortSignal) {
    const until = this.#clock.now() + TRACKS_MS;
    for (;;) {
      const description = feed.describe();
      if (description !== undefined) return description;
      if (signal.aborted || this.#clock.now() > until)
        throw new RtspRefusal(404, 'the stream has no tracks yet');
      await this.#clock.sleep(20, signal).catch(() => undefined);
    }
  }
}

/** The mount, whose readers end with the signal. */
function endedBy(signal: AbortSignal, mount: RtspMount): RtspMount {
  return {
    ...mount,
    join: (reader) => {
      const leave = mount.join(reader);
      const end = () => reader.end();
      signal.addEventListener('abort', end, { once: true });
      return () => {
        signal.removeEventListener('abort', end);
        leave();
      };
    },
  };
}
