// Enters: requests for playlists and media of this node's streams. Leaves: ready-made buffers, and who is watching.
// A muxer exists from the first request for its stream until nobody has asked for three target durations.
// Not its job: HTTP (hls-routes.ts), tokens (the injected authorize), running the stream.
import type { MediaClaims, ReasonCode } from '@vedette/contracts';
import type { CloseReason } from '@vedette/media-types';
import { type Clock, VedetteError } from '@vedette/runtime';
import type { AudioRenditionPort } from '../../hub/audio-rendition-port.ts';
import { HlsFeed } from './hls-feed.ts';
import { HlsMuxer, type PlaylistRequest } from './hls-muxer.ts';
import type { HlsStreamPort } from './hls-stream-port.ts';
import { HlsViewer } from './hls-viewer.ts';
import { knownFrameMs } from './known-frame-ms.ts';
import type { RenditionReport } from './media-playlist.ts';
import { multivariantPlaylist, type Variant, type VariantFacts } from './multivariant-playlist.ts';
import type { RenderedPlaylist } from './rendered-playlist.ts';
import { MADE_SOUND, mayGoOver, variantFacts } from './variant-facts.ts';

export interface HlsEgressOptions {
  readonly clock: Clock;
  readonly randomBytes: (count: number) => Buffer;
  /** The claims of a capability for this path; throws VedetteError `unauthenticated`, `forbidden`, `session_revoked`. */
  readonly authorize: (capability: string, path: string) => Promise<MediaClaims>;
  /** A stream that exists on this node; undefined when there is none of that name. */
  readonly lookup: (path: string) => HlsStreamPort | undefined;
  /** The same without waking it; without this a playlist names the one stream that was asked for. */
  readonly known?: ((path: string) => HlsStreamPort | undefined) | undefined;
  /** Makes AAC of what cannot be packaged; without it such sound is left out. */
  readonly renditions?: AudioRenditionPort | undefined;
  readonly onJoin?: (viewer: HlsViewer) => void;
  readonly onLeave?: (viewer: HlsViewer, reason: ReasonCode) => void;
  /** Shortest part wanted, ms; default 200. */
  readonly partMs?: number | undefined;
  /** Memory for the media of one stream; default 32 MB. */
  readonly limitBytesPerStream?: number | undefined;
}

/** Who asks, as the routes know it. */
export interface HlsCaller {
  readonly capability: string;
  readonly path: string;
  readonly clientAddress: string;
  /** Sound in AAC, whatever the stream's own is. */
  readonly inAac?: boolean | undefined;
}

export interface HlsMedia {
  /** A promise where it is the part that comes next. */
  readonly data: Buffer | Promise<Buffer>;
  readonly type: 'audio/mp4' | 'video/mp4';
}

interface Stream {
  readonly path: string;
  readonly key: string;
  readonly port: HlsStreamPort;
  readonly muxer: HlsMuxer;
  readonly feed: HlsFeed;
  /** Paths of the same camera that a viewer of this one was granted as well. */
  readonly siblings: Set<string>;
  readonly viewers: Map<string, HlsViewer>;
}

/** Beside the multivariant playlist, under the stream's path. */
export const MEDIA_PLAYLIST = 'stream.m3u8';
/** The same with its sound in AAC: Chromium takes no MP3 in MP4. */
export const AAC_PLAYLIST = 'aac.m3u8';
/** How long a request waits for a stream's first picture. */
const COLD_TIMEOUT_MS = 10_000;
const SILENCE_TARGETS = 3;
const SWEEP_MS = 500;
const SECRET_BYTES = 32;
/** In RFC 6381, of MPEG-1 and MPEG-2. */
const MP3 = /^mp4a\.6(9|B)$/;

export class HlsEgress {
  readonly #options: HlsEgressOptions;
  readonly #clock: Clock;
  /** By path, and by path and sound where that is made. */
  readonly #streams = new Map<string, Stream>();
  #cancelSweep: (() => void) | undefined;
  #closed = false;

  constructor(options: HlsEgressOptions) {
    this.#options = options;
    this.#clock = options.clock;
  }

  /** Text of the multivariant playlist. Begins the view and wakes the stream's muxer. */
  async multivariant(caller: HlsCaller): Promise<string> {
    const { stream, viewer } = await this.#admit(caller);
    const facts = await this.#hold(viewer, () => stream.muxer.facts(COLD_TIMEOUT_MS, viewer));
    const text = multivariantPlaylist([
      { facts, mediaPlaylistUri: MEDIA_PLAYLIST },
      ...this.#inAac(facts),
      ...this.#lesserVariants(viewer.claims, stream.path, facts),
    ]);
    viewer.sent(text.length);
    return text;
  }

  /** The media playlist, as `HlsMuxer.playlist` tells; the caller says how many bytes went out by `sent`. */
  async playlist(
    caller: HlsCaller,
    request: Pick<PlaylistRequest, 'position' | 'delta'>,
  ): Promise<{ readonly playlist: RenderedPlaylist; readonly viewer: HlsViewer }> {
    const { stream, viewer } = await this.#admit(caller);
    const { muxer } = stream;
    const playlist = await this.#hold(viewer, () =>
      muxer.playlist({ ...request, timeoutMs: this.#timeoutMs(muxer), owner: viewer }),
    );
    return { playlist, viewer };
  }

  /** Media by its public name; undefined when there is nothing of that name. */
  media(path: string, run: string, name: string): HlsMedia | undefined {
    const streams = [this.#streams.get(path), this.#streams.get(keyOf(path, true))];
    const muxer = streams.find((stream) => stream?.muxer.run === run)?.muxer;
    if (muxer === undefined) return undefined;
    const data = muxer.media(name, this.#timeoutMs(muxer));
    return data === undefined ? undefined : { data, type: muxer.isSoundAlone ? 'audio/mp4' : 'video/mp4' };
  }

  /** The view ends; also right when it never began. */
  async leave(caller: HlsCaller): Promise<void> {
    const claims = await this.#options.authorize(caller.capability, caller.path);
    for (const viewer of this.#viewersOf(claims)) viewer.close('viewer_left');
  }

  viewers(): HlsViewer[] {
    return [...this.#streams.values()].flatMap((stream) => [...stream.viewers.values()]);
  }

  viewersOf(path: string): number {
    return this.viewers().filter((viewer) => viewer.path === path).length;
  }

  /** Requests being held and memory used, for metrics. */
  load(): { readonly muxers: number; readonly blockedRequests: number; readonly heldBytes: number } {
    let blockedRequests = 0;
    let heldBytes = 0;
    for (const { muxer } of this.#streams.values()) {
      blockedRequests += muxer.blockedRequests;
      heldBytes += muxer.heldBytes;
    }
    return { muxers: this.#streams.size, blockedRequests, heldBytes };
  }

  /** Ends every view and answers every held request. May be repeated. */
  close(): void {
    this.#closed = true;
    this.#cancelSweep?.();
    this.#cancelSweep = undefined;
    for (const stream of [...this.#streams.values()]) this.#stop(stream, 'shutting_down');
  }

  async #admit(caller: HlsCaller): Promise<{ stream: Stream; viewer: HlsViewer }> {
    const { path, capability } = caller;
    const claims = await this.#authorize(caller);
    const inAac = caller.inAac === true;
    const stream = this.#streams.get(keyOf(path, inAac)) ?? this.#start(path, inAac);
    const nowMs = this.#clock.now();
    let viewer = stream.viewers.get(claims.sid);
    if (viewer === undefined) {
      viewer = new HlsViewer({
        claims,
        path,
        capability,
        clientAddress: caller.clientAddress,
        muxer: stream.muxer,
        connectedAtMs: this.#clock.wallNow(),
        nowMs,
        onClose: (gone, reason) => {
          stream.viewers.delete(gone.claims.sid);
          this.#options.onLeave?.(gone, reason);
        },
      });
      const elsewhere = this.#viewersOf(claims);
      stream.viewers.set(claims.sid, viewer);
      this.#options.onJoin?.(viewer);
      // A player that goes over to another rendition is the same view.
      for (const left of elsewhere) left.close('replaced');
    }
    for (const path of Object.values(claims.paths)) stream.siblings.add(path);
    viewer.seen(nowMs, capability);
    return { stream, viewer };
  }

  /** A view that goes on needs no new token: it ends when its player is silent or it is revoked, as over WebRTC. */
  async #authorize({ capability, path }: HlsCaller): Promise<MediaClaims> {
    try {
      return await this.#options.authorize(capability, path);
    } catch (error) {
      const isOld = error instanceof VedetteError && error.code === 'unauthenticated';
      const viewer = isOld ? this.viewers().find((one) => one.capability === capability) : undefined;
      if (viewer === undefined || !Object.values(viewer.claims.paths).some((granted) => granted === path))
        throw error;
      return viewer.claims;
    }
  }

  /** The streams of the same grant that a player may go over to by itself, as far as they are known. */
  #lesserVariants(claims: MediaClaims, path: string, chosen: VariantFacts): Variant[] {
    const others = Object.values(claims.paths).filter((other) => other !== path);
    return [...new Set(others)].flatMap((other) => {
      const hub = this.#options.known?.(other)?.hub;
      const facts = hub === undefined ? undefined : variantFacts(hub);
      if (facts === undefined || !mayGoOver(chosen, facts)) return [];
      return [{ facts, mediaPlaylistUri: `../${other}/${MEDIA_PLAYLIST}` }];
    });
  }

  /** For players that take MP3 over no MP4; made only if one goes there. */
  #inAac(facts: VariantFacts): Variant[] {
    if (this.#options.renditions === undefined || !facts.codecs.some((codec) => MP3.test(codec))) return [];
    const codecs = facts.codecs.map((codec) => (MP3.test(codec) ? MADE_SOUND : codec));
    return [{ facts: { ...facts, codecs }, mediaPlaylistUri: AAC_PLAYLIST }];
  }

  #viewersOf(claims: MediaClaims): HlsViewer[] {
    return [...this.#streams.values()].flatMap(({ viewers }) => viewers.get(claims.sid) ?? []);
  }

  #reports(siblings: ReadonlySet<string>, path: string): RenditionReport[] {
    return [...siblings].flatMap((other) => {
      const report = other === path ? undefined : this.#streams.get(other)?.muxer.report();
      return report === undefined ? [] : [{ uri: `../${other}/${MEDIA_PLAYLIST}`, ...report }];
    });
  }

  async #hold<T>(viewer: HlsViewer, ask: () => T | Promise<T>): Promise<T> {
    viewer.held();
    try {
      return await ask();
    } finally {
      viewer.answered(this.#clock.now());
    }
  }

  #start(path: string, inAac: boolean): Stream {
    const key = keyOf(path, inAac);
    const port = this.#closed ? undefined : this.#options.lookup(path);
    if (port === undefined) throw new VedetteError('not_running');
    const gop = port.hub.gop();
    const siblings = new Set<string>();
    const muxer = new HlsMuxer({
      id: `hls-${key}`,
      clock: this.#clock,
      path,
      run: this.#options.randomBytes(6).toString('hex'),
      secret: this.#options.randomBytes(SECRET_BYTES),
      partMs: this.#options.partMs,
      expectedGopMs: port.rememberedGopMs ?? port.hub.stats().keyFrameIntervalMs ?? undefined,
      expectedFrameMs: knownFrameMs(gop, port.hub.currentTracks),
      limitBytes: this.#options.limitBytesPerStream,
      reports: () => this.#reports(siblings, path),
      onClose: (reason) => this.#stop(stream, reason),
    });
    const feed = new HlsFeed({
      id: muxer.id,
      hub: port.hub,
      clock: this.#clock,
      sink: muxer,
      renditions: this.#options.renditions,
      inAac,
    });
    const stream: Stream = { path, key, port, muxer, feed, siblings, viewers: new Map() };
    this.#streams.set(key, stream);
    try {
      // A GOP that outgrew its limits has only its key frame left: live frames do not follow on it.
      feed.start(gop.complete ? 'gop' : 'none');
    } catch (error) {
      this.#streams.delete(key);
      feed.close('stream_dropped');
      throw error;
    }
    this.#cancelSweep ??= this.#clock.after(SWEEP_MS, this.#sweep);
    return stream;
  }

  /** The stream ended, or nobody asked for it any more. */
  #stop(stream: Stream, reason: CloseReason | 'viewer_silent'): void {
    if (this.#streams.get(stream.key) === stream) this.#streams.delete(stream.key);
    stream.feed.close(reason === 'viewer_silent' ? 'viewer_left' : reason);
    for (const viewer of [...stream.viewers.values()])
      viewer.close(reason === 'too_slow' ? 'stream_dropped' : reason);
  }

  #timeoutMs(muxer: HlsMuxer): number {
    return muxer.started ? SILENCE_TARGETS * muxer.targetDurationSeconds * 1000 : COLD_TIMEOUT_MS;
  }

  readonly #sweep = (): void => {
    const nowMs = this.#clock.now();
    for (const stream of [...this.#streams.values()]) {
      const silenceMs = SILENCE_TARGETS * stream.muxer.targetDurationSeconds * 1000;
      for (const viewer of [...stream.viewers.values()]) {
        if (nowMs - viewer.lastSeenMs(nowMs) > silenceMs) viewer.close('viewer_silent');
      }
      const idle = stream.viewers.size === 0 && stream.muxer.blockedRequests === 0;
      if (idle && nowMs - stream.muxer.lastRequestAtMs > silenceMs) this.#stop(stream, 'viewer_silent');
    }
    this.#cancelSweep = this.#streams.size > 0 ? this.#clock.after(SWEEP_MS, this.#sweep) : undefined;
  };
}

/** No path holds a colon. */
function keyOf(path: string, inAac: boolean): string {
  return inAac ? `${path}:aac` : path;
}
