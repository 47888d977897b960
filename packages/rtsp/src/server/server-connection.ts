// One client's connection: requests in, answers out, and at most one session that plays or records on it.
// Not its job: what paths there are and who may (RtspHandler), frames, packets.
import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import type { Clock } from '@vedette/runtime';
import { InterleavedParser, type RtspEvent } from '../interleaved-parser.ts';
import { askOf, headerOf, type RtspRequest } from './read-request.ts';
import { type RtspHandler, type RtspMount, type RtspRecording, RtspRefusal } from './rtsp-handler.ts';
import { SessionLines } from './session-lines.ts';
import { announcedControls, sectionOf } from './track-sections.ts';
import { readTransport } from './transport-header.ts';
import { writeReply } from './write-reply.ts';

export interface ServerConnectionOptions {
  readonly socket: Socket;
  readonly handler: RtspHandler;
  readonly clock: Clock;
  readonly udpAllowed: boolean;
  /** Challenges of a 401, strongest first; `nonce` is this connection's own. */
  readonly challenges: (nonce: string, purpose: 'play' | 'record') => readonly string[];
  readonly onClosed: () => void;
}

const METHODS =
  'OPTIONS, DESCRIBE, ANNOUNCE, SETUP, PLAY, PAUSE, RECORD, TEARDOWN, GET_PARAMETER, SET_PARAMETER';
const SESSION_SECONDS = 60;
/** Beyond what is announced: some clients are late. */
const SLACK_SECONDS = 5;
const CHECK_MS = 5000;
/** Silence of a client that neither plays nor records, and how long it may be that at all. */
const HANDSHAKE_MS = 20_000;
const READY_MS = 60_000;
const MAX_REQUESTS_WAITING = 16;

export class ServerConnection {
  readonly #options: ServerConnectionOptions;
  readonly #socket: Socket;
  readonly #nonce = randomBytes(16).toString('hex');
  readonly #sessionId = randomBytes(12).toString('hex');
  readonly #address: string;
  readonly #lines: SessionLines;
  #cancelCheck: () => void = () => undefined;
  #waiting = 0;
  #queue: Promise<void> = Promise.resolve();
  #mount:
    | { readonly path: string; readonly controls: readonly string[]; readonly mount: RtspMount }
    | undefined;
  #recording:
    | { readonly path: string; readonly controls: readonly string[]; readonly recording: RtspRecording }
    | undefined;
  #state: 'ready' | 'playing' | 'paused' | 'recording' = 'ready';
  #leave: (() => void) | undefined;
  #heardAtMs: number;
  #readySinceMs: number;
  #closed = false;

  constructor(options: ServerConnectionOptions) {
    const { clock, socket } = options;
    this.#options = options;
    this.#socket = socket;
    this.#address = socket.remoteAddress ?? '';
    this.#heardAtMs = clock.now();
    this.#readySinceMs = this.#heardAtMs;
    this.#lines = new SessionLines({
      socket,
      clock,
      peer: this.#address,
      onRtp: (media, data) => this.#received('rtp', media, data),
      onRtcp: (media, data) => this.#received('rtcp', media, data),
    });
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
    socket.on('error', () => undefined);
    socket.on('close', () => this.close());
    this.#watch();
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

  #watch(): void {
    this.#cancelCheck = this.#options.clock.after(CHECK_MS, () => {
      if (this.#isGone()) this.close();
      else this.#watch();
    });
  }

  #isGone(): boolean {
    const now = this.#options.clock.now();
    const silentMs = now - this.#heardAtMs;
    // Over TCP a reader need not say anything: what it takes shows that it lives.
    if (this.#state === 'playing' && !this.#lines.overUdp) return this.#lines.isStuck;
    if (this.#state === 'ready') return silentMs > HANDSHAKE_MS || now - this.#readySinceMs > READY_MS;
    return silentMs > (SESSION_SECONDS + SLACK_SECONDS) * 1000;
  }

  #received(kind: 'rtp' | 'rtcp', media: number, data: Uint8Array): void {
    this.#heardAtMs = this.#options.clock.now();
    if (this.#state === 'recording') this.#recording?.recording[kind](media, data);
  }

  #take(event: RtspEvent): void {
    if (this.#closed) return;
    if (event.kind === 'packet') this.#lines.packet(event.channel, event.data);
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

  async #answer(request: RtspRequest): Promise<void> {
    if (this.#closed) return;
    try {
      await this.#dispatch(request);
    } catch (error) {
      const refusal = error instanceof RtspRefusal ? error : new RtspRefusal(500, 'internal error');
      const purpose = request.method === 'ANNOUNCE' ? 'record' : 'play';
      const challenges = refusal.status === 401 ? this.#options.challenges(this.#nonce, purpose) : [];
      const headers = challenges.map((text) => `WWW-Authenticate: ${text}`);
      this.#reply(request, refusal.status, [...refusal.headers, ...headers]);
    }
  }

  async #dispatch(request: RtspRequest): Promise<void> {
    switch (request.method) {
      case 'OPTIONS':
        return this.#reply(request, 200, [`Public: ${METHODS}`]);
      case 'GET_PARAMETER':
      case 'SET_PARAMETER':
        if (headerOf(request, 'session') !== undefined) this.#requireSession(request);
        return this.#reply(request, 200);
      case 'DESCRIBE':
        return this.#describe(request);
      case 'ANNOUNCE':
        return this.#announce(request);
      case 'SETUP':
        return this.#setUp(request);
      case 'PLAY':
        return this.#play(request);
      case 'PAUSE':
        return this.#pause(request);
      case 'RECORD':
        return this.#record(request);
      case 'TEARDOWN':
        this.#requireSession(request);
        this.#endSession();
        return this.#reply(request, 200);
      default:
        throw new RtspRefusal(501, 'not known', [`Public: ${METHODS}`]);
    }
  }

  async #describe(request: RtspRequest): Promise<void> {
    const mount = await this.#open(this.#askOf(request));
    const base = request.url.split('?')[0]?.replace(/\/?$/, '/') ?? '';
    this.#reply(request, 200, [`Content-Base: ${base}`, 'Content-Type: application/sdp'], mount.sdp);
  }

  async #open(ask: ReturnType<typeof askOf>): Promise<RtspMount> {
    const mount = await this.#options.handler.play(ask);
    // What plays goes on as it was set up: its place is not for another stream.
    if (this.#state === 'ready') this.#mount = { path: ask.path, controls: mount.controls, mount };
    return mount;
  }

  async #announce(request: RtspRequest): Promise<void> {
    if (this.#state !== 'ready' || this.#recording !== undefined)
      throw new RtspRefusal(455, 'announced already');
    const ask = this.#askOf(request);
    const recording = await this.#options.handler.record(ask, request.body);
    if (this.#closed) {
      recording.ended();
      return;
    }
    this.#recording = { path: ask.path, controls: announcedControls(request.body), recording };
    this.#reply(request, 200);
  }

  async #setUp(request: RtspRequest): Promise<void> {
    if (this.#state !== 'ready') throw new RtspRefusal(455, 'not while it runs');
    const asked = readTransport(headerOf(request, 'transport') ?? '');
    if (asked === undefined || (asked.kind === 'udp' && !this.#options.udpAllowed))
      throw new RtspRefusal(461, 'this transport is not served');
    const ask = this.#askOf(request);
    // Players that know the stream already begin here.
    if (this.#recording === undefined && this.#mount === undefined)
      await this.#open({ ...ask, path: ask.path.replace(/\/[^/]*$/, '') });
    const stream = this.#recording ?? this.#mount;
    const media = stream === undefined ? undefined : sectionOf(ask.path, stream);
    if (media === undefined) throw new RtspRefusal(404, 'there is no such track');
    const transport = await this.#lines.setUp(media, asked, this.#recording !== undefined);
    if (this.#closed) this.#lines.close();
    this.#reply(request, 200, [`Transport: ${transport}`, this.#sessionHeader()]);
  }

  #play(request: RtspRequest): void {
    this.#requireSession(request);
    const mount = this.#mount?.mount;
    if (mount === undefined || this.#state === 'recording') throw new RtspRefusal(455, 'nothing was set up');
    const before = this.#state;
    this.#state = 'playing';
    this.#reply(request, 200, [this.#sessionHeader(), 'Range: npt=now-']);
    if (before === 'playing') return;
    this.#lines.interrupt();
    this.#leave ??= mount.join({
      rtp: (batch) => {
        if (this.#state === 'playing') this.#lines.send(batch);
      },
      rtcp: (media, data) => {
        if (this.#state === 'playing') this.#lines.sendRtcp(media, data);
      },
      stats: () => this.#lines.stats(),
      end: () => this.close(),
    });
    // It may have been sent away as it came.
    if (this.#closed) this.#leave?.();
  }

  /** Of live nothing is kept: it goes on where the camera is then. */
  #pause(request: RtspRequest): void {
    this.#requireSession(request);
    if (this.#state !== 'playing' && this.#state !== 'paused') throw new RtspRefusal(455, 'it does not play');
    this.#state = 'paused';
    this.#lines.interrupt();
    this.#reply(request, 200, [this.#sessionHeader()]);
  }

  #record(request: RtspRequest): void {
    this.#requireSession(request);
    const recording = this.#recording?.recording;
    if (recording === undefined || this.#state !== 'ready')
      throw new RtspRefusal(455, 'nothing was announced and set up');
    this.#state = 'recording';
    this.#reply(request, 200, [this.#sessionHeader()]);
    recording.began({ overUdp: this.#lines.overUdp, end: () => this.close() });
  }

  #endSession(): void {
    this.#leave?.();
    this.#leave = undefined;
    this.#lines.close();
    this.#recording?.recording.ended();
    this.#recording = undefined;
    this.#mount = undefined;
    this.#state = 'ready';
    this.#readySinceMs = this.#options.clock.now();
  }

  #requireSession(request: RtspRequest): void {
    const id = headerOf(request, 'session')?.split(';')[0]?.trim();
    if (id !== this.#sessionId || this.#lines.size === 0)
      throw new RtspRefusal(454, 'there is no such session');
  }

  #sessionHeader(): string {
    return `Session: ${this.#sessionId};timeout=${SESSION_SECONDS}`;
  }

  #askOf(request: RtspRequest) {
    return askOf(request, { address: this.#address, nonce: this.#nonce });
  }

  #reply(request: RtspRequest, status: number, headers: readonly string[] = [], body = ''): void {
    if (this.#closed) return;
    const cseq = headerOf(request, 'cseq') ?? '0';
    this.#socket.write(writeReply({ status, cseq, headers, body }));
  }
}
