// In: one client's TCP connection. Out: answers to its requests and, interleaved, its pictures.
// The pictures themselves, and when they are due, come from the time line; ports and faults from the server.
import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import { AuthGate } from './auth-gate.ts';
import { DelayedOutput } from './delayed-output.ts';
import { type MediaOut, TcpMediaOut, UdpMediaOut } from './media-out.ts';
import type { RtspCamera } from './rtsp-camera.ts';
import { type RtspRequest, type RtspResponse, writeResponse } from './rtsp-message.ts';
import { RtspParser } from './rtsp-parser.ts';
import { RtspSession } from './rtsp-session.ts';
import { describeStream } from './sdp.ts';
import { type ProfileName, profileOfUrl, TRACKS, trackOfUrl } from './stream-path.ts';
import { chooseTransport } from './transport-header.ts';
import type { UdpPorts } from './udp-ports.ts';

const METHODS = 'OPTIONS, DESCRIBE, SETUP, PLAY, PAUSE, GET_PARAMETER, SET_PARAMETER, TEARDOWN';
const MAX_PIPELINED = 32;

export class RtspConnection {
  readonly #camera: RtspCamera;
  readonly #socket: Socket;
  readonly #udpPorts: () => Promise<UdpPorts>;
  readonly #output: DelayedOutput;
  readonly #gate: AuthGate;
  readonly #parser = new RtspParser();
  #session: RtspSession | undefined;
  /** Where a UDP session's datagrams come from, for each track. */
  readonly #udpPeers: { address: string; rtpPort: number; rtcpPort: number }[] = [];
  #lastInputMs: number;
  #pipelined = 0;
  #turn: Promise<void> = Promise.resolve();

  constructor(options: { camera: RtspCamera; socket: Socket; udpPorts: () => Promise<UdpPorts> }) {
    this.#camera = options.camera;
    this.#udpPorts = options.udpPorts;
    this.#socket = options.socket;
    this.#lastInputMs = this.#camera.clock.now();
    this.#gate = new AuthGate({ camera: this.#camera });
    this.#output = new DelayedOutput({
      clock: this.#camera.clock,
      delayMs: () => this.#camera.misbehaviour().delayMs,
    });
    const { counts } = this.#camera;
    counts.connectionsOpen++;
    counts.connectionsTotal++;
    counts.connectionsMost = Math.max(counts.connectionsMost, counts.connectionsOpen);
    this.#socket.setNoDelay(true);
    this.#socket.on('data', (bytes: Buffer) => this.#read(bytes));
    // A reset by the client is its way to leave; 'close' follows.
    this.#socket.on('error', () => {});
    this.#socket.once('close', () => this.#closed());
  }

  /** Closes the connection; with `reset` by RST. */
  destroy(reset = false): void {
    if (reset) this.#socket.resetAndDestroy();
    else this.#socket.destroy();
  }

  /** Ends what has been silent for longer than the session timeout, unless the camera hangs. */
  sweep(): void {
    if (this.#camera.misbehaviour().hang) return;
    const now = this.#camera.clock.now();
    const since = this.#session?.lastSeenMs ?? this.#lastInputMs;
    if (now - since <= this.#camera.sessionTimeoutMs) return;
    if (this.#session !== undefined) this.#camera.counts.sessionsTimedOut++;
    this.destroy();
  }

  /** True when a datagram from there belongs to this client; it then counts as a sign of life. */
  touchedBy(address: string, port: number): boolean {
    const isTheirs = this.#udpPeers.some(
      (peer) => peer.address === address && (port === peer.rtpPort || port === peer.rtcpPort),
    );
    if (!isTheirs) return false;
    if (this.#session !== undefined) this.#session.lastSeenMs = this.#camera.clock.now();
    return true;
  }

  #read(bytes: Buffer): void {
    this.#lastInputMs = this.#camera.clock.now();
    if (this.#session !== undefined) this.#session.lastSeenMs = this.#lastInputMs;
    if (this.#camera.misbehaviour().hang) return;
    try {
      for (const input of this.#parser.push(bytes)) {
        if (input.kind === 'frame') continue;
        if (++this.#pipelined > MAX_PIPELINED) throw new Error('too many requests at once');
        this.#turn = this.#turn.then(() => this.#serve(input.request));
      }
    } catch (error) {
      this.#camera.log.debug({ camera: this.#camera.name, err: error }, 'RTSP client dropped');
      this.#socket.end(writeResponse({ status: 400 }, undefined));
      this.#socket.destroySoon();
    }
  }

  async #serve(request: RtspRequest): Promise<void> {
    this.#pipelined--;
    if (this.#socket.destroyed) return;
    try {
      const response = this.#gate.refusal(request) ?? (await this.#answer(request));
      const text = writeResponse(response, request.headers.get('cseq'));
      this.#output.run(() => this.#socket.write(text));
    } catch (error) {
      this.#camera.log.warn({ camera: this.#camera.name, err: error }, 'RTSP request failed');
      this.destroy();
    }
  }

  async #answer(request: RtspRequest): Promise<RtspResponse> {
    if (request.method === 'OPTIONS') return this.#keepAlive(request, [['Public', METHODS]]);
    if (request.method === 'GET_PARAMETER' || request.method === 'SET_PARAMETER') {
      // Axis cameras make a key frame on this parameter (VAPIX).
      if (/^renew-stream:\s*yes/im.test(request.body.toString('latin1'))) this.#session?.forceKeyFrame();
      return this.#keepAlive(request, []);
    }
    const profile = profileOfUrl(request.url);
    switch (request.method) {
      case 'DESCRIBE':
        return profile === undefined ? { status: 404 } : this.#describe(request, profile);
      case 'SETUP':
        return profile === undefined ? { status: 404 } : this.#setup(request, profile);
      case 'PLAY':
      case 'PAUSE':
      case 'TEARDOWN': {
        const session = this.#session;
        if (session === undefined || sessionIdOf(request) !== session.id) return { status: 454 };
        return this.#control(request, session);
      }
      case 'ANNOUNCE':
      case 'RECORD':
      case 'REDIRECT':
        return { status: 405, headers: [['Allow', METHODS]] };
      default:
        return { status: 501, headers: [['Public', METHODS]] };
    }
  }

  #keepAlive(request: RtspRequest, headers: [string, string][]): RtspResponse {
    const id = sessionIdOf(request);
    if (id !== undefined && id !== this.#session?.id) return { status: 454 };
    if (this.#session === undefined) return { status: 200, headers };
    this.#camera.counts.keepAlives++;
    return { status: 200, headers: [...headers, ['Session', this.#session.id]] };
  }

  #describe(request: RtspRequest, profile: ProfileName): RtspResponse {
    this.#camera.counts.profiles[profile].describe++;
    const sdp = describeStream({
      video: this.#camera.timeline(profile).clip,
      sound: this.#camera.sound()?.clip,
      title: `${this.#camera.name} ${profile}`,
      host: (this.#socket.localAddress ?? '127.0.0.1').replace(/^::ffff:/, ''),
      sessionId: Math.floor(this.#camera.clock.wallNow()),
    });
    return {
      status: 200,
      headers: [
        ['Content-Base', `${this.#baseUrl(request, profile)}/`],
        ['Content-Type', 'application/sdp'],
      ],
      body: sdp,
    };
  }

  async #setup(request: RtspRequest, profile: ProfileName): Promise<RtspResponse> {
    const counts = this.#camera.counts.profiles[profile];
    counts.setup++;
    if (this.#session?.playing === true) return { status: 455 };
    const wanted = chooseTransport(request.headers.get('transport') ?? '', this.#camera.udp);
    if (wanted === undefined) return { status: 461 };
    const track = trackOfUrl(request.url);
    const timeline = track === 'video' ? this.#camera.timeline(profile) : this.#camera.sound();
    if (timeline === undefined) return { status: 404 };
    const ssrc = timeline.ssrc.toString(16).toUpperCase().padStart(8, '0');
    let out: MediaOut;
    let transport: string;
    if (wanted.kind === 'tcp') {
      out = new TcpMediaOut({ socket: this.#socket, ...wanted });
      transport = `RTP/AVP/TCP;unicast;interleaved=${wanted.rtpChannel}-${wanted.rtcpChannel};ssrc=${ssrc}`;
    } else {
      const ports = await this.#udpPorts();
      const address = this.#socket.remoteAddress;
      if (address === undefined) return { status: 400 };
      this.#udpPeers.push({ address, ...wanted });
      out = new UdpMediaOut({ ...ports, ...wanted, address });
      transport =
        `RTP/AVP;unicast;client_port=${wanted.rtpPort}-${wanted.rtcpPort};` +
        `server_port=${ports.rtpPort}-${ports.rtcpPort};ssrc=${ssrc}`;
    }
    if (this.#socket.destroyed) return { status: 400 };
    this.#session ??= new RtspSession({
      id: randomBytes(8).toString('hex').toUpperCase(),
      profile,
      output: this.#output,
      counts,
      onPlay: () => this.#camera.pulls.begin(profile, this.#client),
      clock: this.#camera.clock,
      oddMedia: () => this.#camera.misbehaviour().media,
      onTooSlow: () => {
        this.#camera.counts.slowClientsDropped++;
        this.destroy();
      },
    });
    this.#session.setUp(track, timeline, out);
    const timeout = Math.max(1, Math.floor(this.#camera.sessionTimeoutMs / 1000));
    return {
      status: 200,
      headers: [
        ['Transport', transport],
        ['Session', `${this.#session.id};timeout=${timeout}`],
      ],
    };
  }

  #control(request: RtspRequest, session: RtspSession): RtspResponse {
    const counts = this.#camera.counts.profiles[session.profile];
    const headers: [string, string][] = [['Session', session.id]];
    if (request.method === 'PLAY') {
      counts.play++;
      session.play(this.#camera.keyFrameOnPlay);
      const base = this.#baseUrl(request, session.profile);
      const information = [...session.tracks].map(([name, { timeline }]) => {
        const { sequence, timestamp } = timeline.nextStamp;
        return `url=${base}/${TRACKS[name]};seq=${sequence};rtptime=${timestamp}`;
      });
      headers.push(['Range', 'npt=now-'], ['RTP-Info', information.join(',')]);
    } else {
      session.pause();
      if (request.method === 'TEARDOWN') {
        counts.teardown++;
        counts.lastTeardownAtMs = this.#camera.clock.wallNow();
        this.#camera.counts.lastTeardownAtMs = counts.lastTeardownAtMs;
        this.#session = undefined;
        this.#udpPeers.length = 0;
      }
    }
    return { status: 200, headers };
  }

  get #client(): string {
    return (this.#socket.remoteAddress ?? '').replace(/^::ffff:/, '');
  }

  /** The address as the client spells it, without credentials and query. */
  #baseUrl(request: RtspRequest, profile: ProfileName): string {
    const authority = /^rtsps?:\/\/(?:[^/?@]*@)?([\w.:[\]-]+)/i.exec(request.url)?.[1] ?? 'localhost';
    return `rtsp://${authority}/${profile}`;
  }

  #closed(): void {
    this.#camera.counts.connectionsOpen--;
    this.#output.close();
    if (this.#session === undefined) return;
    this.#session.pause();
    this.#camera.counts.profiles[this.#session.profile].ended++;
    this.#session = undefined;
  }
}

function sessionIdOf(request: RtspRequest): string | undefined {
  return request.headers.get('session')?.split(';')[0]?.trim();
}
