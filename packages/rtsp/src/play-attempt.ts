// One connection's walk: DESCRIBE, SETUP of each media, PLAY, keep-alive, TEARDOWN.
// Not its job: what to try when it fails (play-rtsp.ts).
import type { Socket } from 'node:net';
import type { Clock } from '@vedette/runtime';
import { type ChosenMedia, chooseMedia, type MediaKind } from './choose-media.ts';
import { type HttpTunnel, openHttpTunnel } from './http-tunnel.ts';
import { keepAlive } from './keep-alive.ts';
import { MediaLane, mediaOf } from './media-lane.ts';
import type { PlayOptions, RtspPlayback } from './play-rtsp.ts';
import { RtspConnection, type RtspResponse } from './rtsp-connection.ts';
import { fromSocketError, fromStatus, RtspError } from './rtsp-error.ts';
import { controlUrl, requestUrl, sessionBase } from './rtsp-url.ts';
import { parseSdp, type SdpMedia } from './sdp.ts';
import { secureSocket } from './secure-socket.ts';
import { StaleSources } from './stale-sources.ts';

export type AttemptOutcome =
  | { readonly kind: 'playing'; readonly playback: RtspPlayback }
  /** Where the camera sends us. */
  | { readonly kind: 'moved'; readonly to: URL }
  /** The camera dropped the connection when it was asked for audio, or plays nothing with it. */
  | { readonly kind: 'audio-refused' };

const DEFAULT_PORTS: Readonly<Record<string, number>> = { 'rtsp:': 554, 'rtsps:': 322 };
const HTTP_PORTS: Readonly<Record<string, number>> = { 'rtsp:': 80, 'rtsps:': 443 };
const REQUEST_TIMEOUT_MS = 10_000;
/** A camera that does not answer to audio has a picture all the same. */
const AUDIO_SETUP_MS = 3000;
const DEFAULT_SESSION_SECONDS = 60;
const TEARDOWN_MS = 1000;

export class PlayAttempt {
  readonly #options: PlayOptions & { readonly withAudio: boolean };
  readonly #url: URL;
  /** What PLAY and TEARDOWN are asked of. */
  #base: string;
  #lanes: readonly MediaLane[] = [];
  #sessionSeconds = DEFAULT_SESSION_SECONDS;
  readonly #stale = new StaleSources();
  #isSettingUp = false;

  constructor(options: PlayOptions & { readonly withAudio: boolean }, url: URL) {
    this.#options = options;
    this.#url = url;
    this.#base = requestUrl(url);
  }

  /** Throws RtspError or the signal's reason, with nothing left open. */
  async play(): Promise<AttemptOutcome> {
    const { signal } = this.#options;
    const connection = await this.#connect();
    const aborted = Promise.withResolvers<never>();
    const abort = () => aborted.reject(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    if (signal.aborted) abort();
    try {
      const outcome = await Promise.race([aborted.promise, this.#handshake(connection)]);
      if (outcome.kind !== 'playing') await this.#leave(connection);
      return outcome;
    } catch (error) {
      await this.#leave(connection);
      throw error;
    } finally {
      signal.removeEventListener('abort', abort);
    }
  }

  async #leave(connection: RtspConnection): Promise<void> {
    await sayGoodbye(connection, this.#base, this.#options.clock);
    for (const lane of this.#lanes) lane.close();
  }

  async #connect(): Promise<RtspConnection> {
    const { clock, signal, username, password, transport } = this.#options;
    let socket: Socket | HttpTunnel;
    try {
      socket =
        transport === 'http'
          ? await openHttpTunnel({ dial: () => this.#dial(), url: this.#url, username, password, signal })
          : await this.#dial();
    } catch (error) {
      signal.throwIfAborted();
      throw error instanceof RtspError ? error : fromSocketError(error, 'connect');
    }
    return new RtspConnection({
      socket,
      peerAddress: socket.remoteAddress ?? '',
      clock,
      username,
      password,
      requestTimeoutMs: REQUEST_TIMEOUT_MS,
      onPacket: (channel, data) => {
        if (!this.#isSettingUp) this.#stale.early(data);
        else if (!this.#stale.isStale(data, clock.now()))
          for (const lane of this.#lanes) lane.packet(channel, data);
      },
    });
  }

  async #dial(): Promise<Socket> {
    const { dial, signal, certificate, transport } = this.#options;
    const { hostname, port, protocol } = this.#url;
    const host = hostname.replace(/^\[(.*)\]$/, '$1');
    const ports = transport === 'http' ? HTTP_PORTS : DEFAULT_PORTS;
    const socket = await dial(host, Number(port || ports[protocol]), signal);
    socket.setNoDelay(true);
    if (protocol !== 'rtsps:') return socket;
    return secureSocket(socket, { host, check: certificate ?? { check: 'authority' }, signal });
  }

  async #handshake(connection: RtspConnection): Promise<AttemptOutcome> {
    const described = await connection.request({
      method: 'DESCRIBE',
      url: requestUrl(this.#url),
      step: 'describe',
      headers: ['Accept: application/sdp'],
    });
    const target = redirectTarget(described, this.#url);
    if (target !== undefined) return { kind: 'moved', to: target };
    if (described.status !== 200) throw fromStatus(described.status, 'describe');
    const sdp = parseSdp(described.body);
    const chosen = chooseMedia(sdp.media, { anyVideo: this.#options.anyVideo ?? false });
    this.#base = sessionBase(this.#url, described.headers.get('content-base')?.[0], sdp.control);
    this.#isSettingUp = true;
    if (!(await this.#setUpAll(connection, chosen))) return { kind: 'audio-refused' };
    this.#options.signal.throwIfAborted();
    this.#options.onMedia(mediaOf(this.#lanes), this.#isUdp);
    const played = await connection.request({
      method: 'PLAY',
      url: this.#base,
      step: 'play',
      headers: ['Range: npt=0-'],
    });
    if (played.status !== 200) {
      const failure = fromStatus(played.status, 'play');
      if (this.#lanes.length > 1 && failure.code === 'camera_protocol_error')
        return { kind: 'audio-refused' };
      throw failure;
    }
    return { kind: 'playing', playback: this.#playback(connection) };
  }

  get #isUdp(): boolean {
    return this.#options.transport === 'udp';
  }

  /** False when asking for audio broke the connection, and there is video to be had without. */
  async #setUpAll(connection: RtspConnection, { video, audio }: ChosenMedia): Promise<boolean> {
    if (video !== undefined) await this.#setUp(connection, 'video', video);
    if (audio === undefined) return true;
    if (video === undefined) await this.#setUp(connection, 'audio', audio);
    else if (this.#options.withAudio) {
      try {
        await this.#setUp(connection, 'audio', audio, AUDIO_SETUP_MS);
      } catch (error) {
        this.#options.signal.throwIfAborted();
        if (!(error instanceof RtspError)) throw error;
        return connection.isOpen;
      }
    }
    return true;
  }

  async #setUp(
    connection: RtspConnection,
    kind: MediaKind,
    media: SdpMedia,
    timeoutMs?: number,
  ): Promise<void> {
    const { onRtp, onRtcp, signal } = this.#options;
    const lane = new MediaLane({ kind, media, index: this.#lanes.length, onRtp, onRtcp });
    if (this.#isUdp) await lane.openUdp(connection.peerAddress);
    try {
      signal.throwIfAborted();
      const response = await connection.request({
        method: 'SETUP',
        url: controlUrl(this.#url, this.#base, media.control),
        step: 'setup',
        headers: [`Transport: ${lane.transport}`],
        timeoutMs,
      });
      if (response.status !== 200) throw fromStatus(response.status, 'setup');
      this.#useSession(connection, response.headers.get('session')?.[0] ?? '');
      lane.useAnswer(response.headers.get('transport')?.[0] ?? '');
    } catch (error) {
      lane.close();
      throw error;
    }
    this.#lanes = [...this.#lanes, lane];
  }

  #useSession(connection: RtspConnection, session: string): void {
    const id = session.split(';')[0]?.trim() ?? '';
    if (id === '') return;
    connection.useSession(id);
    const said = Number(/timeout\s*=\s*(\d+)/i.exec(session)?.[1] ?? 0);
    if (said > 0) this.#sessionSeconds = said;
  }

  #playback(connection: RtspConnection): RtspPlayback {
    const lanes = this.#lanes;
    const { clock } = this.#options;
    const stopKeepAlive = keepAlive(connection, this.#base, this.#sessionSeconds, clock);
    const ended = connection.ended.then((error) => {
      stopKeepAlive();
      for (const lane of lanes) lane.close();
      return error;
    });
    let closing: Promise<void> | undefined;
    const close = async () => {
      stopKeepAlive();
      await sayGoodbye(connection, this.#base, clock);
      await ended;
    };
    return {
      media: mediaOf(lanes),
      ended,
      sendRtcp: (kind, data) => lanes.find((lane) => lane.kind === kind)?.sendRtcp(connection, data),
      close: () => {
        closing ??= close();
        return closing;
      },
    };
  }
}

/** Where a redirection leads; undefined when it is none. What was secret stays secret. */
function redirectTarget(response: RtspResponse, from: URL): URL | undefined {
  const location = response.headers.get('location')?.[0];
  if (response.status < 300 || response.status > 399 || location === undefined) return undefined;
  const target = URL.canParse(location, from.href) ? new URL(location, from.href) : undefined;
  if (target === undefined || !(target.protocol in DEFAULT_PORTS) || target.hostname === '')
    throw new RtspError('camera_protocol_error', 'describe', 'The camera redirects to what is not RTSP.');
  if (from.protocol === 'rtsps:' && target.protocol !== 'rtsps:')
    throw new RtspError(
      'camera_protocol_error',
      'describe',
      'The camera redirects from an encrypted to an open connection.',
    );
  target.username = '';
  target.password = '';
  return target;
}

/** TEARDOWN where a session is, bounded by a second, then the connection is dropped. */
async function sayGoodbye(connection: RtspConnection, url: string, clock: Clock): Promise<void> {
  if (connection.hasSession) {
    const over = new AbortController();
    const answered = connection.request({ method: 'TEARDOWN', url, step: 'media' }).catch(() => undefined);
    await Promise.race([answered, clock.sleep(TEARDOWN_MS, over.signal).catch(() => undefined)]);
    over.abort();
  }
  connection.close();
}
