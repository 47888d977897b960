// One client's connection: requests in, answers out, and at most one session that plays or records on it.
// Not its job: what paths there are and who may (RtspHandler), frames, packets.
import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import type { Clock } from '@vedette/runtime';
import { InterleavedParser, type RtspEvent } from '../interleaved-parser.ts';
import { presentedCredentials } from './credentials.ts';
import { askedTransport, interleavedLine, type MediaLine, udpLine } from './media-line.ts';
import {
  type PacketBatch,
  type RtspAsk,
  type RtspHandler,
  type RtspMount,
  type RtspReader,
  type RtspRecording,
  RtspRefusal,
} from './rtsp-handler.ts';

export interface ServerConnectionOptions {
  readonly socket: Socket;
  readonly handler: RtspHandler;
  readonly clock: Clock;
  readonly udpAllowed: boolean;
  /** Challenges of a 401, strongest first; `nonce` is this connection's own. */
  readonly challenges: (nonce: string, purpose: 'play' | 'record') => readonly string[];
  readonly onClosed: () => void;
}

type Request = Extract<RtspEvent, { kind: 'request' }>;

const METHODS = 'OPTIONS, DESCRIBE, ANNOUNCE, SETUP, PLAY, RECORD, TEARDOWN, GET_PARAMETER, SET_PARAMETER';
const SESSION_SECONDS = 60;
/** Beyond what is announced: some clients are late. */
const SLACK_SECONDS = 5;
const CHECK_MS = 5000;
const HANDSHAKE_MS = 20_000;
/** What waits for a reader's socket; beyond it the reader goes on at a later key frame. */
const MAX_WAITING_BYTES = 4 * 1024 * 1024;
/** A reader that takes nothing for so long is gone. */
const STUCK_MS = 15_000;
const MAX_REQUESTS_WAITING = 16;
const REASONS = new Map([
  [200, 'OK'],
  [301, 'Moved Permanently'],
  [302, 'Found'],
  [400, 'Bad Request'],
  [401, 'Unauthorized'],
  [403, 'Forbidden'],
  [404, 'Not Found'],
  [405, 'Method Not Allowed'],
  [451, 'Parameter Not Understood'],
  [453, 'Not Enough Bandwidth'],
  [454, 'Session Not Found'],
  [455, 'Method Not Valid in This State'],
  [459, 'Aggregate Operation Not Allowed'],
  [461, 'Unsupported Transport'],
  [500, 'Internal Server Error'],
  [501, 'Not Implemented'],
  [503, 'Service Unavailable'],
]);

export class ServerConnection {
  readonly #options: ServerConnectionOptions;
  readonly #socket: Socket;
  readonly #nonce = randomBytes(16).toString('hex');
  readonly #sessionId = randomBytes(12).toString('hex');
  readonly #address: string;
  readonly #lines = new Map<number, MediaLine>();
  /** Which media a channel of the connection brings, when recording. */
  readonly #channels = new Map<number, { readonly media: number; readonly isRtcp: boolean }>();
  readonly #cancelCheck: () => void;
  #waiting = 0;
  #queue: Promise<void> = Promise.resolve();
  #mount: { readonly path: string; readonly mount: RtspMount } | undefined;
  #recording:
    | { readonly path: string; readonly controls: readonly string[]; readonly recording: RtspRecording }
    | undefined;
  #state: 'ready' | 'playing' | 'recording' = 'ready';
  #leave: (() => void) | undefined;
  #needsKey = true;
  #heardAtMs: number;
  #drainedAtMs: number;
  #closed = false;

  constructor(options: ServerConnectionOptions) {
    const { clock, socket } = options;
    this.#options = options;
    this.#socket = socket;
    this.#address = socket.remoteAddress ?? '';
    this.#heardAtMs = clock.now();
    this.#drainedAtMs = this.#heardAtMs;
    const parser = new InterleavedParser((event) => this.#take(event));
    socket.setNoDelay(true);
    socket.on('data', (chunk) => {
      this.#heardAtMs = clock.now();
      try {
        parser.push(chunk);
      } catch {
        this.close();
      }
    });
    socket.on('drain', () => {
      this.#drainedAtMs = clock.now();
    });
    socket.on('error', () => undefined);
    socket.on('close', () => this.close());
    let cancel: () => void = () => undefined;
    const check = () => {
      cancel = clock.after(CHECK_MS, () => {
        this.#checkLife();
        if (!this.#closed) check();
      });
    };
    check();
    this.#cancelCheck = () => cancel();
  }

  /** May be repeated. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#cancelCheck();
    this.#endSession();
    this.#socket.destroy();
    this.#options.onClosed();
  }

  #checkLife(): void {
    const now = this.#options.clock.now();
    const silentMs = now - this.#heardAtMs;
    const overUdp = [...this.#lines.values()].some((line) => line.overUdp);
    const limitMs = (SESSION_SECONDS + SLACK_SECONDS) * 1000;
    // Over TCP a reader need not say anything: what it takes shows that it lives.
    if (this.#state === 'playing' && !overUdp) {
      if (this.#socket.writableLength > 0 && now - this.#drainedAtMs > STUCK_MS) this.close();
    } else if (silentMs > (this.#state === 'ready' ? HANDSHAKE_MS : limitMs)) this.close();
  }

  #take(event: RtspEvent): void {
    if (this.#closed) return;
    if (event.kind === 'packet') {
      const target = this.#channels.get(event.channel);
      if (this.#state !== 'recording' || target === undefined) return;
      if (target.isRtcp) this.#recording?.recording.rtcp(target.media, event.data);
      else this.#recording?.recording.rtp(target.media, event.data);
      return;
    }
    if (event.kind !== 'request') return;
    this.#waiting += 1;
    if (this.#waiting > MAX_REQUESTS_WAITING) {
      this.close();
      return;
    }
    // One after the other: a client may send the next before it has read the answer.
    this.#queue = this.#queue
      .then(() => this.#answer(event))
      .finally(() => {
        this.#waiting -= 1;
      });
  }

  async #answer(request: Request): Promise<void> {
    if (this.#closed) return;
    try {
      await this.#dispatch(request);
    } catch (error) {
      const refusal = error instanceof RtspRefusal ? error : new RtspRefusal(500, 'internal error');
      const challenges =
        refusal.status === 401
          ? this.#options
              .challenges(this.#nonce, request.method === 'ANNOUNCE' ? 'record' : 'play')
              .map((text) => `WWW-Authenticate: ${text}`)
          : [];
      this.#reply(request, refusal.status, [...refusal.headers, ...challenges]);
    }
  }

  async #dispatch(request: Request): Promise<void> {
    switch (request.method) {
      case 'OPTIONS':
        return this.#reply(request, 200, [`Public: ${METHODS}`]);
      case 'GET_PARAMETER':
      case 'SET_PARAMETER':
        this.#requireSession(request);
        return this.#reply(request, 200);
      case 'DESCRIBE':
        return this.#describe(request);
      case 'ANNOUNCE':
        return this.#announce(request);
      case 'SETUP':
        return this.#setUp(request);
      case 'PLAY':
        return this.#play(request);
      case 'RECORD':
        return this.#record(request);
      case 'PAUSE':
        throw new RtspRefusal(455, 'live cannot be paused');
      case 'TEARDOWN':
        this.#requireSession(request);
        this.#endSession();
        return this.#reply(request, 200);
      default:
        throw new RtspRefusal(501, 'not known', [`Public: ${METHODS}`]);
    }
  }

  async #describe(request: Request): Promise<void> {
    const ask = this.#askOf(request);
    const mount = await this.#options.handler.play(ask);
    this.#mount = { path: ask.path, mount };
    const base = request.url.split('?')[0]?.replace(/\/?$/, '/') ?? '';
    this.#reply(request, 200, [`Content-Base: ${base}`, 'Content-Type: application/sdp'], mount.sdp);
  }

  async #announce(request: Request): Promise<void> {
    if (this.#state !== 'ready' || this.#recording !== undefined)
      throw new RtspRefusal(455, 'announced already');
    const ask = this.#askOf(request);
    const recording = await this.#options.handler.record(ask, request.body);
    if (this.#closed) {
      recording.ended();
      return;
    }
    this.#recording = { path: ask.path, controls: controlsOf(request.body), recording };
    this.#reply(request, 200);
  }

  async #setUp(request: Request): Promise<void> {
    if (this.#state !== 'ready') throw new RtspRefusal(455, 'not while it runs');
    const asked = askedTransport(header(request, 'transport'), this.#options.udpAllowed);
    if (asked === undefined) throw new RtspRefusal(461, 'this transport is not served');
    const { path } = this.#askOf(request);
    const isRecording = this.#recording !== undefined;
    if (!isRecording && this.#mount === undefined) {
      // Players that know the stream already begin here.
      const stream = { ...this.#askOf(request), path: path.replace(/\/[^/]*$/, '') };
      this.#mount = { path: stream.path, mount: await this.#options.handler.play(stream) };
    }
    const media = this.#mediaOf(path);
    if (media === undefined) throw new RtspRefusal(404, 'there is no such track');
    const line =
      asked.kind === 'interleaved'
        ? interleavedLine(this.#socket, this.#freeChannels(asked.channels, media), isRecording)
        : await this.#udpLine(media, asked.ports, isRecording);
    this.#lines.get(media)?.close();
    this.#lines.set(media, line);
    const [, rtp, rtcp] = /interleaved=(\d+)-(\d+)/.exec(line.transport) ?? [];
    if (rtp !== undefined) {
      this.#channels.set(Number(rtp), { media, isRtcp: false });
      this.#channels.set(Number(rtcp), { media, isRtcp: true });
    }
    this.#reply(request, 200, [
      `Transport: ${line.transport}`,
      `Session: ${this.#sessionId};timeout=${SESSION_SECONDS}`,
    ]);
  }

  async #udpLine(media: number, ports: readonly [number, number], isRecording: boolean): Promise<MediaLine> {
    const { clock } = this.#options;
    const heard = () => {
      this.#heardAtMs = clock.now();
    };
    const line = await udpLine(
      this.#address,
      ports,
      {
        onRtp: (data) => {
          heard();
          if (this.#state === 'recording') this.#recording?.recording.rtp(media, data);
        },
        onRtcp: (data) => {
          heard();
          if (this.#state === 'recording') this.#recording?.recording.rtcp(media, data);
        },
      },
      isRecording,
    );
    if (this.#closed) line.close();
    return line;
  }

  #play(request: Request): void {
    this.#requireSession(request);
    if (this.#state === 'playing') {
      this.#reply(request, 200, [`Session: ${this.#sessionId}`]);
      return;
    }
    const mount = this.#mount?.mount;
    if (mount === undefined || this.#state !== 'ready' || this.#lines.size === 0)
      throw new RtspRefusal(455, 'nothing was set up');
    this.#state = 'playing';
    this.#drainedAtMs = this.#options.clock.now();
    this.#reply(request, 200, [`Session: ${this.#sessionId};timeout=${SESSION_SECONDS}`, 'Range: npt=now-']);
    const reader: RtspReader = {
      rtp: (batch) => this.#send(batch),
      rtcp: (media, data) => {
        if (this.#socket.writableLength < MAX_WAITING_BYTES) this.#lines.get(media)?.sendRtcp(data);
      },
      end: () => this.close(),
    };
    this.#leave = mount.join(reader);
  }

  #record(request: Request): void {
    this.#requireSession(request);
    const recording = this.#recording?.recording;
    if (recording === undefined || this.#state !== 'ready' || this.#lines.size === 0)
      throw new RtspRefusal(455, 'nothing was announced and set up');
    this.#state = 'recording';
    this.#reply(request, 200, [`Session: ${this.#sessionId};timeout=${SESSION_SECONDS}`]);
    const overUdp = [...this.#lines.values()].some((line) => line.overUdp);
    recording.began({ overUdp, end: () => this.close() });
  }

  #send(batch: PacketBatch): void {
    const line = this.#lines.get(batch.media);
    if (line === undefined || this.#closed) return;
    if (this.#needsKey && !batch.key) return;
    if (!line.overUdp && this.#socket.writableLength > MAX_WAITING_BYTES) {
      this.#needsKey = true;
      return;
    }
    if (batch.key) this.#needsKey = false;
    if (this.#socket.writableLength === 0) this.#drainedAtMs = this.#options.clock.now();
    line.send(batch);
  }

  #endSession(): void {
    this.#leave?.();
    this.#leave = undefined;
    for (const line of this.#lines.values()) line.close();
    this.#lines.clear();
    this.#channels.clear();
    this.#recording?.recording.ended();
    this.#recording = undefined;
    this.#mount = undefined;
    this.#state = 'ready';
  }

  #requireSession(request: Request): void {
    const id = header(request, 'session')?.split(';')[0]?.trim();
    const isPing = request.method === 'GET_PARAMETER' || request.method === 'SET_PARAMETER';
    if (id === undefined && isPing) return;
    if (id !== this.#sessionId || this.#lines.size === 0)
      throw new RtspRefusal(454, 'there is no such session');
  }

  /** The pair that was asked for, if it is even and free, else one of ours: some ask for odd ones or none. */
  #freeChannels(asked: readonly [number, number] | undefined, media: number): readonly [number, number] {
    if (asked !== undefined && asked[0] <= 254 && !this.#isTaken(asked[0], media))
      return [asked[0], asked[0] + 1];
    return [2 * media, 2 * media + 1];
  }

  #isTaken(channel: number, media: number): boolean {
    const holder = this.#channels.get(channel) ?? this.#channels.get(channel + 1);
    return holder !== undefined && holder.media !== media;
  }

  #mediaOf(path: string): number | undefined {
    const stream =
      this.#recording ?? (this.#mount && { path: this.#mount.path, controls: this.#mount.mount.controls });
    if (stream === undefined) return undefined;
    const control = path.startsWith(`${stream.path}/`) ? path.slice(stream.path.length + 1) : '';
    const index = stream.controls.findIndex(
      (name) => name === control || (name !== '' && path.endsWith(name)),
    );
    if (index >= 0) return index;
    return stream.controls.length === 1 && path === stream.path ? 0 : undefined;
  }

  #askOf(request: Request): RtspAsk {
    const url = URL.canParse(request.url) ? new URL(request.url) : undefined;
    if (url === undefined) throw new RtspRefusal(400, 'the address cannot be read');
    // A track's control stands behind the query, where the query belongs to the stream: `/path?token=x/trackID=0`.
    const [, control = ''] = /(\/trackID=\d+|\/streamid=\d+)\/?$/i.exec(url.search) ?? [];
    const search = control === '' ? url.search : url.search.slice(0, url.search.lastIndexOf(control));
    let path: string;
    try {
      path = decodeURIComponent(url.pathname + control).replace(/^\/+|\/+$/g, '');
    } catch {
      throw new RtspRefusal(400, 'the address cannot be read');
    }
    return {
      path,
      query: new URLSearchParams(search),
      credentials: presentedCredentials(header(request, 'authorization'), {
        method: request.method,
        nonce: this.#nonce,
      }),
      address: this.#address,
    };
  }

  #reply(request: Request, status: number, headers: readonly string[] = [], body = ''): void {
    if (this.#closed) return;
    const lines = [
      `RTSP/1.0 ${status} ${REASONS.get(status) ?? 'Error'}`,
      `CSeq: ${header(request, 'cseq') ?? '0'}`,
      'Server: Vedette',
      ...headers,
      ...(body === '' ? [] : [`Content-Length: ${Buffer.byteLength(body)}`]),
    ];
    this.#socket.write(`${lines.join('\r\n')}\r\n\r\n${body}`);
  }
}

function header(request: Request, name: string): string | undefined {
  // A line break cannot come this far; anything else that is no plain text would go back as it came.
  return request.headers.get(name)?.[0]?.replaceAll(/[^\x20-\x7e]/g, '');
}

/** Control names of the sections that a publisher announces. */
function controlsOf(sdp: string): string[] {
  return sdp
    .split(/\r?\n(?=m=)/)
    .slice(1)
    .map((section, index) => {
      const control = /^a=control:\s*(\S+)/im.exec(section)?.[1] ?? `streamid=${index}`;
      return (
        control
          .replace(/^rtsps?:\/\/[^/]*\/?/i, '')
          .split('/')
          .at(-1) ?? ''
      );
    });
}
