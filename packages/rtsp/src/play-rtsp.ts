// A camera's address in; its video packets out, until it is closed. DESCRIBE, SETUP, PLAY, keep-alive, TEARDOWN.
// Not its job: retries, frames, and who may be dialled (the dial function decides).
import type { Socket } from 'node:net';
import type { Clock } from '@vedette/runtime';
import { RtspConnection, type RtspResponse } from './rtsp-connection.ts';
import { fromSocketError, fromStatus, RtspError } from './rtsp-error.ts';
import { controlUrl, requestUrl, sessionBase } from './rtsp-url.ts';
import { parseSdp, type SdpMedia } from './sdp.ts';
import { openUdpPorts, type UdpPorts } from './udp-ports.ts';

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
  /** Aborts opening; once open, `close` ends it. */
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
const MAX_KEEP_ALIVE_MS = 30_000;
const TEARDOWN_MS = 1000;
const UDP_SILENCE_MS = 3000;
const UDP_LOOK_MS = 50;
const PUNCH = Buffer.from([0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);

/** Plays the first video of a camera. UDP that stays silent for three seconds is tried again over TCP. Throws RtspError. */
export async function playRtsp(options: PlayOptions): Promise<RtspPlayback> {
  if (options.transport === 'tcp') return follow(options, new URL(options.url), 0);
  let heard = false;
  const onRtp = (data: Uint8Array) => {
    heard = true;
    options.onRtp(data);
  };
  const viaUdp = await follow({ ...options, onRtp }, new URL(options.url), 0).catch((error: unknown) =>
    error instanceof RtspError && error.step === 'setup' ? undefined : Promise.reject(error),
  );
  if (viaUdp !== undefined) {
    const deadline = options.clock.now() + UDP_SILENCE_MS;
    while (!heard && options.clock.now() < deadline) await options.clock.sleep(UDP_LOOK_MS, options.signal);
    if (heard) return viaUdp;
    await viaUdp.close();
  }
  // A fresh connection and a fresh DESCRIBE: some cameras (Hikvision) refuse another SETUP in the same session.
  return follow({ ...options, transport: 'tcp' }, new URL(options.url), 0);
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
  #channels = { rtp: 0, rtcp: 1 };
  #udp: UdpPorts | undefined;

  constructor(options: PlayOptions, url: URL) {
    this.#options = options;
    this.#url = url;
  }

  /** The playback, or where the camera sends us. */
  async play(): Promise<RtspPlayback | URL> {
    const connection = await this.#connect();
    const abort = () => connection.close();
    this.#options.signal.addEventListener('abort', abort, { once: true });
    try {
      return await this.#handshake(connection);
    } catch (error) {
      connection.close();
      this.#udp?.close();
      this.#options.signal.throwIfAborted();
      throw error;
    } finally {
      this.#options.signal.removeEventListener('abort', abort);
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
    const location = described.headers.get('location')?.[0];
    if (
      described.status >= 300 &&
      described.status < 400 &&
      location !== undefined &&
      URL.canParse(location)
    ) {
      connection.close();
      return new URL(location);
    }
    if (described.status !== 200) throw fromStatus(described.status, 'describe');
    const sdp = parseSdp(described.body);
    const media = chooseVideo(sdp.media);
    const base = sessionBase(this.#url, described.headers.get('content-base')?.[0], sdp.control);
    this.#options.onMedia(media, this.#options.transport === 'udp');
    const sessionSeconds = await this.#setUp(connection, controlUrl(this.#url, base, media.control));
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
    return {
      media,
      ended,
      sendRtcp: (data) => {
        if (udp === undefined) connection.sendPacket(this.#channels.rtcp, data);
        else udp.rtcp.send(data);
      },
      close: async () => {
        stopKeepAlive();
        const goodbye = connection
          .request({ method: 'TEARDOWN', url: base, step: 'media' })
          .catch(() => undefined);
        await Promise.race([goodbye, this.#options.clock.sleep(TEARDOWN_MS)]);
        connection.close();
        await ended;
      },
    };
  }

  /** Seconds that the camera keeps a silent session. */
  async #setUp(connection: RtspConnection, url: string): Promise<number> {
    const overUdp = this.#options.transport === 'udp';
    const host = this.#url.hostname.replace(/^\[(.*)\]$/, '$1');
    if (overUdp) this.#udp = await openUdpPorts(host);
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
    this.#useTransport(response, host);
    return (
      Number(/timeout\s*=\s*(\d+)/i.exec(session)?.[1] ?? DEFAULT_SESSION_SECONDS) || DEFAULT_SESSION_SECONDS
    );
  }

  /** The camera has the last word about channels and ports. */
  #useTransport(response: RtspResponse, host: string): void {
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
    udp.rtp.on('message', (data) => this.#options.onRtp(data));
    udp.rtcp.on('message', (data) => this.#options.onRtcp(data));
    const [, rtp, rtcp] = /server_port\s*=\s*(\d+)(?:\s*-\s*(\d+))?/i.exec(answered) ?? [];
    if (rtp === undefined) return;
    udp.rtcp.connect(Number(rtcp ?? Number(rtp) + 1), host, () => undefined);
    // Opens the way back through a firewall before the camera sends.
    udp.rtp.send(PUNCH, Number(rtp), host);
  }
}

function chooseVideo(media: readonly SdpMedia[]): SdpMedia {
  const videos = media.filter((one) => one.kind === 'video');
  // `sendonly` is a back channel, unless the camera writes it everywhere.
  const incoming = videos.filter((one) => one.direction !== 'sendonly');
  const candidates = incoming.length > 0 ? incoming : videos;
  const playable = candidates.find((one) => one.codec !== undefined);
  if (playable !== undefined) return playable;
  const offered = candidates.map((one) => one.encoding).join(', ');
  throw new RtspError(
    'codec_unsupported',
    'describe',
    offered === '' ? 'The camera offers no video.' : `The camera offers ${offered}, which is not supported.`,
  );
}

/** Keeps the session, never waits for the answers, and takes the other method when one is not known. */
function keepAlive(
  connection: RtspConnection,
  url: string,
  sessionSeconds: number,
  clock: Clock,
): () => void {
  const everyMs = Math.min((sessionSeconds * 1000) / 2, MAX_KEEP_ALIVE_MS);
  let method = 'OPTIONS';
  let cancel: () => void;
  const again = () => {
    cancel = clock.after(everyMs, () => {
      connection
        .request({ method, url, step: 'media' })
        .then((response) => {
          if ([405, 454, 501].includes(response.status))
            method = method === 'OPTIONS' ? 'GET_PARAMETER' : 'OPTIONS';
        })
        .catch(() => undefined);
      again();
    });
  };
  again();
  return () => cancel();
}
