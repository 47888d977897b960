// A camera's address in; its video packets out, until it is closed. DESCRIBE, SETUP, PLAY, keep-alive, TEARDOWN.
// Not its job: retries, frames, and who may be dialled (the dial function decides).
import type { Socket } from 'node:net';
import type { Clock } from '@vedette/runtime';
import { chooseVideo } from './choose-video.ts';
import { keepAlive } from './keep-alive.ts';
import { RtspConnection, type RtspResponse } from './rtsp-connection.ts';
import { fromSocketError, fromStatus, RtspError } from './rtsp-error.ts';
import { controlUrl, requestUrl, sessionBase } from './rtsp-url.ts';
import { parseSdp, type SdpMedia } from './sdp.ts';
import { UdpPorts } from './udp-ports.ts';

/** Opens a TCP connection to where a source may be; throws RtspError `source_not_allowed` where not. */
export type Dial = (host: string, port: number, signal: AbortSignal) => Promise<Socket>;

export interface PlayOptions {
  /** rtsp://host[:port]/path, without credentials. */
  readonly url: string;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  readonly transport: 'tcp' | 'udp';
  readonly dial: Dial;
  readonly clock: Clock;
  /** Aborts opening, with a goodbye to a camera that has set up a session; once open, `close` ends it. */
  readonly signal: AbortSignal;
  /** Called once the media is chosen, before its first packet. `unordered` when it comes by UDP. */
  readonly onMedia: (media: SdpMedia, unordered: boolean) => void;
  readonly onRtp: (data: Uint8Array) => void;
  readonly onRtcp: (data: Uint8Array) => void;
}

export interface RtspPlayback {
  readonly media: SdpMedia;
  /** Resolves with why, when the camera or the network ended it. Never rejects. */
  readonly ended: Promise<RtspError>;
  sendRtcp(data: Uint8Array): void;
  /** TEARDOWN, bounded by a second, then the connection is dropped. May be repeated. */
  close(): Promise<void>;
}

const RTSP_PORT = 554;
const REQUEST_TIMEOUT_MS = 10_000;
const MAX_REDIRECTS = 3;
const DEFAULT_SESSION_SECONDS = 60;
const TEARDOWN_MS = 1000;
const UDP_SILENCE_MS = 3000;

/** Plays the first video of a camera. UDP that stays silent for three seconds is tried again over TCP. Throws RtspError. */
export async function playRtsp(options: PlayOptions): Promise<RtspPlayback> {
  const viaUdp = options.transport === 'udp' ? await playUdp(options) : undefined;
  // A fresh connection and a fresh DESCRIBE: some cameras (Hikvision) refuse another SETUP in the same session.
  return viaUdp ?? follow({ ...options, transport: 'tcp' }, new URL(options.url), 0);
}

/** Undefined, and no session left behind, when the camera's media does not come by UDP. */
async function playUdp(options: PlayOptions): Promise<RtspPlayback | undefined> {
  const { clock, signal } = options;
  const heard = Promise.withResolvers<true>();
  const onRtp = (data: Uint8Array) => {
    heard.resolve(true);
    options.onRtp(data);
  };
  const playback = await follow({ ...options, onRtp }, new URL(options.url), 0).catch(unlessUdpRefused);
  if (playback === undefined) return undefined;
  const over = new AbortController();
  try {
    const silence = clock.sleep(UDP_SILENCE_MS, AbortSignal.any([signal, over.signal]));
    if ((await Promise.race([heard.promise, silence, playback.ended])) === true) return playback;
  } catch (error) {
    await playback.close();
    throw error;
  } finally {
    over.abort();
  }
  await playback.close();
  return undefined;
}

/** 461, TCP answered, no free port here: all that SETUP fails with but a camera without room for us. */
function unlessUdpRefused(error: unknown): undefined {
  const isRefused =
    error instanceof RtspError &&
    error.step === 'setup' &&
    (error.code === 'camera_protocol_error' || error.code === 'camera_refused');
  if (!isRefused) throw error;
}

async function follow(options: PlayOptions, url: URL, hops: number): Promise<RtspPlayback> {
  const attempt = await new Attempt(options, url).play();
  if (!(attempt instanceof URL)) return attempt;
  if (hops >= MAX_REDIRECTS)
    throw new RtspError('camera_protocol_error', 'describe', 'The camera redirects without end.');
  const sameHost = attempt.hostname === url.hostname;
  return follow(
    sameHost ? options : { ...options, username: undefined, password: undefined },
    attempt,
    hops + 1,
  );
}

/** One connection's walk from DESCRIBE to PLAY. */
class Attempt {
  readonly #options: PlayOptions;
  readonly #url: URL;
  /** What PLAY and TEARDOWN are asked of. */
  #base: string;
  #channels = { rtp: 0, rtcp: 1 };
  #udp: UdpPorts | undefined;

  constructor(options: PlayOptions, url: URL) {
    this.#options = options;
    this.#url = url;
    this.#base = requestUrl(url);
  }

  /** The playback, or where the camera sends us. */
  async play(): Promise<RtspPlayback | URL> {
    const { signal, clock } = this.#options;
    const connection = await this.#connect();
    const aborted = Promise.withResolvers<never>();
    const abort = () => aborted.reject(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    if (signal.aborted) abort();
    try {
      return await Promise.race([aborted.promise, this.#handshake(connection)]);
    } catch (error) {
      await sayGoodbye(connection, this.#base, clock);
      this.#udp?.close();
      throw error;
    } finally {
      signal.removeEventListener('abort', abort);
    }
  }

  async #connect(): Promise<RtspConnection> {
    const { dial, clock, signal, username, password } = this.#options;
    const host = this.#url.hostname.replace(/^\[(.*)\]$/, '$1');
    let socket: Socket;
    try {
      socket = await dial(host, Number(this.#url.port || RTSP_PORT), signal);
    } catch (error) {
      signal.throwIfAborted();
      throw error instanceof RtspError ? error : fromSocketError(error, 'connect');
    }
    return new RtspConnection({
      socket,
      clock,
      username,
      password,
      requestTimeoutMs: REQUEST_TIMEOUT_MS,
      onPacket: (channel, data) => {
        if (channel === this.#channels.rtp) this.#options.onRtp(data);
        else if (channel === this.#channels.rtcp) this.#options.onRtcp(data);
      },
    });
  }

  async #handshake(connection: RtspConnection): Promise<RtspPlayback | URL> {
    const request = requestUrl(this.#url);
    const described = await connection.request({
      method: 'DESCRIBE',
      url: request,
      step: 'describe',
      headers: ['Accept: application/sdp'],
    });
    const target = redirectTarget(described, this.#url);
    if (target !== undefined) {
      connection.close();
      return target;
    }
    if (described.status !== 200) throw fromStatus(described.status, 'describe');
    const sdp = parseSdp(described.body);
    const media = chooseVideo(sdp.media);
    const base = sessionBase(this.#url, described.headers.get('content-base')?.[0], sdp.control);
    this.#base = base;
    this.#options.onMedia(media, this.#options.transport === 'udp');
    const sessionSeconds = await this.#setUp(connection, controlUrl(this.#url, base, media.control));
    this.#options.signal.throwIfAborted();
    const played = await connection.request({
      method: 'PLAY',
      url: base,
      step: 'play',
      headers: ['Range: npt=0-'],
    });
    if (played.status !== 200) throw fromStatus(played.status, 'play');
    const stopKeepAlive = keepAlive(connection, base, sessionSeconds, this.#options.clock);
    const udp = this.#udp;
    const ended = connection.ended.then((error) => {
      stopKeepAlive();
      udp?.close();
      return error;
    });
    let closing: Promise<void> | undefined;
    const close = async () => {
      stopKeepAlive();
      await sayGoodbye(connection, base, this.#options.clock);
      await ended;
    };
    return {
      media,
      ended,
      sendRtcp: (data) => {
        if (udp === undefined) connection.sendPacket(this.#channels.rtcp, data);
        else udp.sendRtcp(data);
      },
      close: () => {
        closing ??= close();
        return closing;
      },
    };
  }

  /** Seconds that the camera keeps a silent session. */
  async #setUp(connection: RtspConnection, url: string): Promise<number> {
    const overUdp = this.#options.transport === 'udp';
    if (overUdp) await this.#openUdp(connection.peerAddress);
    const port = this.#udp?.rtpPort ?? 0;
    const transport = overUdp
      ? `RTP/AVP;unicast;client_port=${port}-${port + 1}`
      : 'RTP/AVP/TCP;unicast;interleaved=0-1';
    const response = await connection.request({
      method: 'SETUP',
      url,
      step: 'setup',
      headers: [`Transport: ${transport}`],
    });
    if (response.status !== 200) throw fromStatus(response.status, 'setup');
    const session = response.headers.get('session')?.[0] ?? '';
    connection.useSession(session.split(';')[0]?.trim() ?? '');
    this.#useTransport(response);
    return (
      Number(/timeout\s*=\s*(\d+)/i.exec(session)?.[1] ?? DEFAULT_SESSION_SECONDS) || DEFAULT_SESSION_SECONDS
    );
  }

  async #openUdp(peer: string): Promise<void> {
    const { onRtp, onRtcp, signal } = this.#options;
    const udp = await UdpPorts.open({ peer, onRtp, onRtcp });
    if (signal.aborted) {
      udp.close();
      throw signal.reason;
    }
    this.#udp = udp;
  }

  /** The camera has the last word about channels and ports. */
  #useTransport(response: RtspResponse): void {
    const answered = response.headers.get('transport')?.[0] ?? '';
    const udp = this.#udp;
    if (udp === undefined) {
      const [, rtp, rtcp] = /interleaved\s*=\s*(\d+)(?:\s*-\s*(\d+))?/i.exec(answered) ?? [];
      if (rtp !== undefined)
        this.#channels = { rtp: Number(rtp), rtcp: rtcp === undefined ? Number(rtp) + 1 : Number(rtcp) };
      return;
    }
    if (/RTP\/AVP\/TCP/i.test(answered))
      throw new RtspError('camera_protocol_error', 'setup', 'The camera insists on TCP.');
    const [, rtp, rtcp] = /server_port\s*=\s*(\d+)(?:\s*-\s*(\d+))?/i.exec(answered) ?? [];
    if (rtp !== undefined) udp.punch(Number(rtp), rtcp === undefined ? Number(rtp) + 1 : Number(rtcp));
  }
}

/** Where a redirection leads; undefined when it is none. */
function redirectTarget(response: RtspResponse, from: URL): URL | undefined {
  const location = response.headers.get('location')?.[0];
  if (response.status < 300 || response.status > 399 || location === undefined) return undefined;
  const target = URL.canParse(location, from.href) ? new URL(location, from.href) : undefined;
  if (target?.protocol !== 'rtsp:' || target.hostname === '')
    throw new RtspError('camera_protocol_error', 'describe', 'The camera redirects to what is not RTSP.');
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
