// Enters: players and recorders that speak RTSP. Leaves: the packets of a stream, the same for all who read it.
// Not its job: the protocol (packages/rtsp), who may (AdmissionPort), publishers (ingest/publish).
import type { MediaClaims, ReasonCode } from '@vedette/contracts';
import { type ReaderStats, type RtspAsk, type RtspMount, type RtspReader, RtspRefusal } from '@vedette/rtsp';
import type { Clock } from '@vedette/runtime';
import type { AdmissionPort, PathCredentials } from '../../auth/admission-port.ts';
import { PacketFeed } from '../../hub/packet-feed.ts';
import type { StreamHub } from '../../hub/stream-hub.ts';
import { rtspRefusal } from './rtsp-refusal.ts';

/** One who plays, for whoever keeps count of viewers. */
export interface RtspViewer {
  readonly claims: MediaClaims;
  readonly path: string;
  readonly clientAddress: string;
  stats(): ReaderStats;
  close(reason: ReasonCode): void;
}

export interface RtspOutOptions {
  readonly admission: AdmissionPort;
  readonly lookup: (path: string) => StreamHub | undefined;
  /** Of a view that was admitted a moment ago: it may have been taken back before it plays. */
  readonly isRevoked: (claims: MediaClaims) => boolean;
  readonly clock: Clock;
  readonly onJoin: (viewer: RtspViewer) => void;
  readonly onLeave: (viewer: RtspViewer, reason: ReasonCode) => void;
}

/** A camera that is just being opened tells its tracks within this. */
const TRACKS_MS = 10_000;
const LOOK_MS = 20;

export class RtspOut {
  readonly #options: RtspOutOptions;
  /** One a stream, as long as its hub lives. */
  readonly #feeds = new WeakMap<StreamHub, PacketFeed>();

  constructor(options: RtspOutOptions) {
    this.#options = options;
  }

  /** For RtspHandler. Throws RtspRefusal. */
  async play(ask: RtspAsk): Promise<RtspMount> {
    const { claims, path } = await this.#admit(ask);
    const feed = await this.#feedOf(path);
    const description = feed.describe();
    if (description === undefined) throw new RtspRefusal(503, 'the stream has no pictures yet');
    return {
      sdp: description.sdp,
      controls: description.media.map(({ control }) => control),
      join: (reader) => this.#join(feed, reader, { claims, path, clientAddress: ask.address }),
    };
  }

  async #admit(ask: RtspAsk): Promise<{ readonly claims: MediaClaims; readonly path: string }> {
    try {
      const answer = await this.#options.admission.admit({
        path: ask.path,
        protocol: 'rtsp',
        credentials: credentialsOf(ask),
        clientAddress: ask.address,
      });
      if (answer.kind === 'granted') return answer;
      throw new RtspRefusal(302, 'on another node', [`Location: ${answer.url}`]);
    } catch (error) {
      throw error instanceof RtspRefusal ? error : rtspRefusal(error);
    }
  }

  async #feedOf(path: string): Promise<PacketFeed> {
    const { clock, lookup } = this.#options;
    const until = clock.now() + TRACKS_MS;
    for (;;) {
      const hub = lookup(path);
      if (hub === undefined) throw new RtspRefusal(404, 'there is no such stream');
      let feed = this.#feeds.get(hub);
      if (feed === undefined) {
        feed = new PacketFeed({ id: `rtsp-${path}`, hub, clock });
        this.#feeds.set(hub, feed);
      }
      if (feed.describe() !== undefined || clock.now() >= until) return feed;
      await clock.sleep(LOOK_MS);
    }
  }

  #join(
    feed: PacketFeed,
    reader: RtspReader,
    who: Pick<RtspViewer, 'claims' | 'path' | 'clientAddress'>,
  ): () => void {
    if (this.#options.isRevoked(who.claims)) {
      reader.end();
      return () => undefined;
    }
    let leave: () => void = () => undefined;
    let over = false;
    const ended = (reason: ReasonCode) => {
      if (over) return;
      over = true;
      leave();
      this.#options.onLeave(viewer, reason);
    };
    const viewer: RtspViewer = {
      ...who,
      stats: () => reader.stats(),
      close: (reason) => {
        ended(reason);
        reader.end();
      },
    };
    this.#options.onJoin(viewer);
    leave = feed.join({
      ...reader,
      end: () => {
        ended('stream_dropped');
        reader.end();
      },
    });
    if (over) leave();
    return () => ended('viewer_left');
  }
}

function credentialsOf({ credentials, query }: RtspAsk): PathCredentials {
  const token = query.get('token');
  if (token !== null && token !== '') return { kind: 'bearer', token };
  // Digest needs the password in clear on our side, which nobody has: it is never offered here.
  return credentials.kind === 'basic' ? credentials : { kind: 'none' };
}
