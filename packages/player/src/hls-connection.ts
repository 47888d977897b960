// Enters: an HLS address that carries its capability. Leaves: LL-HLS in a video element, by hls.js or by the browser.
// Not its job: what to do when it fails.
import type { ReasonCode } from '@vedette/contracts';
import type Hls from 'hls.js';
import type { ErrorData, HlsConfig } from 'hls.js';
import type { ConnectionBudget, ReloadLeave } from './connection-budget.ts';
import { HLS_CONFIG } from './hls-config.ts';
import { type EdgeSample, followEdge } from './live-edge.ts';
import type { ConnectionEvents, ConnectionStats, MediaConnection } from './media-connection.ts';
import { plainPlaylist } from './plain-playlist.ts';
import type { LaneFailureKind } from './player-machine.ts';
import { reasonIn } from './problem-answer.ts';
import type { Ticker } from './ticker.ts';
import type { Grant } from './view-grant.ts';

export interface HlsConnectionOptions {
  readonly video: HTMLVideoElement;
  readonly budget: ConnectionBudget;
  readonly ticker: Ticker;
  /** Brings hls.js in when it is needed. */
  readonly load: () => Promise<typeof Hls>;
  readonly events: ConnectionEvents;
}

const REFUSALS = new Set([401, 403, 404, 410]);
const MOST_RECOVERIES = 2;
const SOUND_CODEC = /^(mp4a|opus|mp3|ac-3|ec-3|flac)/i;
const NATIVE_TYPE = 'application/vnd.apple.mpegurl';

export class HlsConnection implements MediaConnection {
  readonly #options: HlsConnectionOptions;
  readonly #abort = new AbortController();
  #hls: Hls | undefined;
  #leave: ReloadLeave | undefined;
  #stopTicks: (() => void) | undefined;
  /** Where the playlists began to be loaded from, and where they are loaded from since the last renewal. */
  #baseLoaded = '';
  #baseNow = '';
  /** A media playlist has been read. */
  #listed = false;
  #bytes = 0;
  #recoveries = 0;
  /** What the first segments hold; undefined before. */
  #holds: { readonly audio: string | null; readonly video: boolean } | undefined;

  constructor(options: HlsConnectionOptions) {
    this.#options = options;
  }

  prepare(): void {
    this.#options.load().catch(() => undefined);
  }

  open(grant: Grant): void {
    this.#open(grant).catch(() => this.#fail('playback_failed'));
  }

  /** A capability in use is replaced from the next reload on, without a pause. */
  renewed(grant: Grant): void {
    if (this.#baseLoaded !== '') this.#baseNow = folderOf(grant.url);
  }

  get sound(): boolean {
    return this.#holds?.audio != null;
  }

  get picture(): boolean | undefined {
    return this.#holds?.video;
  }

  /** Milliseconds played. */
  soundCount(): number {
    return Math.round(this.#options.video.currentTime * 1000);
  }

  async stats(): Promise<ConnectionStats> {
    const hls = this.#hls;
    return {
      codec: hls?.levels[hls.currentLevel]?.videoCodec ?? null,
      audioCodec: this.#holds?.audio ?? null,
      framesDecoded: null,
      bytesReceived: hls === undefined ? null : this.#bytes,
      framesDropped: this.#options.video.getVideoPlaybackQuality?.().droppedVideoFrames ?? null,
      packetsLost: null,
      jitterMs: null,
      rttMs: null,
      latencyMs: hls === undefined ? null : latencyOf(hls, Date.now()),
    };
  }

  close(goodbye: boolean): void {
    if (this.#abort.signal.aborted) return;
    this.#abort.abort();
    this.#stopTicks?.();
    this.#leave?.release();
    this.#hls?.destroy();
    this.#hls = undefined;
    const { video } = this.#options;
    video.removeAttribute('src');
    video.load();
    if (!goodbye || this.#baseNow === '') return;
    fetch(this.#baseNow.replace(/\/$/, ''), { method: 'DELETE', keepalive: true }).catch(() => undefined);
  }

  async #open(grant: Grant): Promise<void> {
    const { budget, load, ticker, video } = this.#options;
    const HlsClass = await load();
    if (this.#abort.signal.aborted) return;
    if (!HlsClass.isSupported()) return this.#openNative(grant);
    this.#leave = budget.take(grant.url);
    this.#baseLoaded = folderOf(grant.url);
    this.#baseNow = this.#baseLoaded;
    const hls = new HlsClass({ ...HLS_CONFIG, pLoader: this.#playlistLoader(HlsClass) });
    this.#hls = hls;
    const { Events } = HlsClass;
    hls.on(Events.ERROR, (_name, data) => this.#onError(HlsClass, data));
    hls.once(Events.LEVEL_LOADED, () => {
      this.#listed = true;
      this.#options.events.step('playlistMs');
      this.#options.events.connected();
    });
    hls.on(Events.BUFFER_CODECS, (_name, { audio, audiovideo, video }) => {
      const both = audiovideo?.codec?.split(',') ?? [];
      const sound = audio?.codec ?? both.find((codec) => SOUND_CODEC.test(codec));
      this.#holds = {
        audio: sound === undefined ? null : audioCodecName(sound),
        video: video !== undefined || audiovideo !== undefined,
      };
    });
    hls.on(Events.FRAG_LOADED, (_name, data) => {
      this.#bytes += data.payload.byteLength;
    });
    hls.loadSource(grant.url);
    hls.attachMedia(video);
    this.#stopTicks = ticker.listen(() => this.#follow());
  }

  #openNative(grant: Grant): void {
    const { events, video } = this.#options;
    if (video.canPlayType(NATIVE_TYPE) === '') {
      this.#fail('playback_failed');
      return;
    }
    const { signal } = this.#abort;
    video.addEventListener('error', () => this.#fail('media_unreachable'), { signal });
    video.addEventListener(
      'loadedmetadata',
      () => {
        // Browsers that play HLS themselves name no codec.
        this.#holds = { audio: '', video: video.videoWidth > 0 };
        events.step('playlistMs');
        events.connected();
      },
      { signal, once: true },
    );
    video.src = grant.url;
  }

  /** Loads playlists under the newest capability, and shows the plain ones to tiles that may not block. */
  #playlistLoader(HlsClass: typeof Hls): NonNullable<HlsConfig['pLoader']> {
    const Base = HlsClass.DefaultConfig.loader;
    const current = (url: string) =>
      url.startsWith(this.#baseLoaded) ? this.#baseNow + url.slice(this.#baseLoaded.length) : url;
    const mode = this.#leave?.mode ?? 'segments';
    const isFirst = () => !this.#listed;
    return class extends Base {
      override load(...[context, config, callbacks]: Parameters<InstanceType<typeof Base>['load']>): void {
        context.url = current(context.url);
        super.load(context, config, {
          ...callbacks,
          onSuccess: (response, stats, asked, details) => {
            const { data } = response;
            if (mode !== 'blocking' && typeof data === 'string')
              response.data = plainPlaylist(data, mode, isFirst());
            callbacks.onSuccess(response, stats, asked, details);
          },
        });
      }
    } as NonNullable<HlsConfig['pLoader']>;
  }

  #onError(HlsClass: typeof Hls, data: ErrorData): void {
    if (!data.fatal) return;
    if (data.details === HlsClass.ErrorDetails.MANIFEST_INCOMPATIBLE_CODECS_ERROR) {
      this.#fail('no_common_codec', 'unfit');
      return;
    }
    if (data.type === HlsClass.ErrorTypes.MEDIA_ERROR && this.#recoveries < MOST_RECOVERIES) {
      this.#recoveries += 1;
      this.#hls?.recoverMediaError();
      return;
    }
    if (data.type !== HlsClass.ErrorTypes.NETWORK_ERROR) this.#fail('playback_failed');
    else if (REFUSALS.has(data.response?.code ?? 0)) this.#fail(codeOf(data.networkDetails), 'refused');
    else this.#fail('media_unreachable');
  }

  #fail(code: ReasonCode, kind: LaneFailureKind = 'broken'): void {
    if (!this.#abort.signal.aborted) this.#options.events.failed({ kind, code, retryAfterMs: 0 });
  }

  #follow(): void {
    const hls = this.#hls;
    const { video } = this.#options;
    const { targetLatency } = hls ?? {};
    if (hls == null || targetLatency == null || video.readyState < HTMLMediaElement.HAVE_CURRENT_DATA) return;
    const sample: EdgeSample = { latency: hls.latency, target: targetLatency, ahead: aheadOf(video) };
    const action = followEdge(sample);
    if (action.type === 'rate') {
      if (video.playbackRate !== action.rate) video.playbackRate = action.rate;
    } else if (hls.liveSyncPosition !== null) video.currentTime = hls.liveSyncPosition;
  }
}

/** RFC 6381 names as people know them. */
function audioCodecName(codec: string): string {
  if (/^mp4a\.(40\.34|69|6b)$|^mp3/i.test(codec)) return 'mp3';
  return /^mp4a/i.test(codec) ? 'aac' : codec.toLowerCase();
}

/** What the node's answer said; hls.js hands out the request itself. */
function codeOf(request: unknown): ReasonCode {
  const text = request instanceof XMLHttpRequest && request.responseType === '' ? request.responseText : '';
  return reasonIn(text) ?? 'not_running';
}

/** The address up to its last slash, without the query. */
function folderOf(url: string): string {
  const path = url.split('?', 1)[0] ?? url;
  return path.slice(0, path.lastIndexOf('/') + 1);
}

function aheadOf(video: HTMLVideoElement): number {
  const { buffered, currentTime } = video;
  return buffered.length === 0 ? 0 : buffered.end(buffered.length - 1) - currentTime;
}

/** By the wall time in the playlist, which the node writes; by the distance to the edge where it has none. */
function latencyOf(hls: Hls, wallNowMs: number): number | null {
  const playing = hls.playingDate?.getTime();
  const byClock = playing === undefined ? Number.NaN : wallNowMs - playing;
  if (byClock >= 0 && byClock < 60_000) return byClock;
  return hls.latency > 0 ? hls.latency * 1000 : null;
}
