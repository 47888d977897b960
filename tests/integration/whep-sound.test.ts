import { fileURLToPath } from 'node:url';
import type { MediaClaims, ReasonCode, SessionId } from '@vedette/contracts';
import type { AudioTrack, EncodedFrame, FrameSink, Track } from '@vedette/media-types';
import { timestampDelta } from '@vedette/rtp';
import { createHttpServer, silentLog, systemClock } from '@vedette/runtime';
import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WhepEndpoint } from '../../apps/media-node/src/egress/whep/whep-endpoint.ts';
import { whepRoutes } from '../../apps/media-node/src/egress/whep/whep-routes.ts';
import { StreamHub } from '../../apps/media-node/src/hub/stream-hub.ts';
import { ClipFeeder } from '../support/clip-feeder.ts';
import { eventually } from '../support/eventually.ts';
import { freePort } from '../support/free-ports.ts';
import { bearerAdmission } from '../support/token-admission.ts';
import { WebrtcListener } from '../support/webrtc-listener.ts';

const CLIP = fileURLToPath(new URL('../../fixtures/clips/gate-sub.h264', import.meta.url));
const PCMU: AudioTrack = { kind: 'audio', id: 2, codec: 'pcmu', clockRate: 8000, channels: 1 };
/** What the camera captured lies so far back when it reaches the hub. */
const CAPTURE_AGE_MS = 300;

/** A camera with sound: 20 ms of it at a time, stamped by the same clock as the pictures. */
class SoundFeeder implements Disposable {
  readonly #timer: NodeJS.Timeout;

  constructor(sink: FrameSink, track: AudioTrack, stamp: (n: number) => number) {
    const startedAt = performance.now();
    let next = 0;
    this.#timer = setInterval(() => {
      while (next * 20 <= performance.now() - startedAt) {
        sink.frame(frameOf(track, stamp(next), Date.now() - CAPTURE_AGE_MS));
        next += 1;
      }
    }, 10);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }
}

function frameOf(track: AudioTrack, ticks: number, wallClockMs: number): EncodedFrame {
  return {
    trackId: track.id,
    kind: 'audio',
    dtsTicks: ticks,
    ptsTicks: ticks,
    key: true,
    data: new Uint8Array(160).fill(0xff),
    parameterSetBytes: 0,
    wallClockMs,
  };
}

/** Into `hub` as one camera with sound: its pictures were captured some time ago, too. */
function cameraInto(hub: StreamHub, sound: readonly Track[]): FrameSink {
  return {
    tracks: (tracks) => hub.tracks([...tracks, ...sound]),
    frame: (frame) => hub.frame({ ...frame, wallClockMs: frame.wallClockMs - CAPTURE_AGE_MS }),
  };
}

describe('WHEP with sound', () => {
  const hub = new StreamHub();
  const silent = new StreamHub();
  const radio = new StreamHub();
  const cold = new StreamHub();
  const left: { sessionId: string; reason: ReasonCode }[] = [];
  const opened: Disposable[] = [];
  let endpoint: WhepEndpoint;
  let app: FastifyInstance;
  let address = '';

  beforeAll(async () => {
    opened.push(new ClipFeeder({ file: CLIP, fps: 10, sink: cameraInto(hub, [PCMU]) }));
    // A camera whose stamps of sound wander by as much as a quarter of a packet.
    opened.push(new SoundFeeder(hub, PCMU, (n) => n * 160 + (n % 2) * 40));
    opened.push(new ClipFeeder({ file: CLIP, fps: 10, sink: silent }));
    radio.tracks([PCMU]);
    opened.push(new SoundFeeder(radio, PCMU, (n) => n * 160));
    endpoint = new WhepEndpoint({
      clock: systemClock,
      bind: '127.0.0.1',
      udpPort: await freePort(),
      publicHosts: [],
    });
    app = createHttpServer({ log: silentLog(), bodyLimit: 64 * 1024 });
    await app.register(whepRoutes, {
      endpoint,
      admission: bearerAdmission(async (token) => ({ sid: token as SessionId }) as MediaClaims),
      lookup: (path: string) =>
        ({ cam_sound: hub, cam_silent: silent, cam_radio: radio, cam_cold: cold })[path],
      admit: () => undefined,
      onJoin: () => undefined,
      onOpen: () => undefined,
      onLeave: (viewer, reason) => void left.push({ sessionId: viewer.claims.sid, reason }),
      iceServers: () => [],
    });
    address = await app.listen({ port: 0, host: '127.0.0.1' });
  });

  afterAll(async () => {
    for (const feeder of opened) feeder[Symbol.dispose]();
    endpoint.close('shutting_down');
    await app.close();
  });

  const open = (token: string, path = 'cam_sound') =>
    WebrtcListener.open({ url: `${address}/whep/${path}`, token, audio: ['opus', 'pcmu', 'pcma'] });

  it('passes G.711 on as it is, in one payload type, with times that count its samples', async () => {
    await using viewer = await open('g711');
    await eventually('a second of sound', () => viewer.audio.length > 50);
    expect(viewer.answer).toMatch(/m=audio \d+ UDP\/TLS\/RTP\/SAVPF 0\r\n/);
    expect(new Set(viewer.audio.map(({ packet }) => packet.payloadType))).toEqual(new Set([0]));
    const steps = viewer.audio
      .slice(1)
      .map(({ packet }, i) => timestampDelta(packet.timestamp, viewer.audio[i]?.packet.timestamp ?? 0));
    expect(new Set(steps)).toEqual(new Set([160]));
    expect(viewer.audio.map(({ packet }) => packet.marker).filter(Boolean)).toHaveLength(1);
  });

  it('names one media stream for both, so that a browser keeps them in sync', async () => {
    await using viewer = await open('msid');
    const streams = [...viewer.answer.matchAll(/a=msid:(\S+) (\S+)/g)].map(([, stream, track]) => [
      stream,
      track,
    ]);
    expect(streams).toHaveLength(2);
    expect(streams[0]?.[0]).toBe(streams[1]?.[0]);
    expect(streams[0]?.[1]).not.toBe(streams[1]?.[1]);
  });

  it('sends sound live, never the past, and never held back by the pace of pictures', async () => {
    await using viewer = await open('live');
    await eventually('some sound', () => viewer.audio.length > 20);
    const first = viewer.audio[0]?.atMs ?? 0;
    // 20 packets of 20 ms each took their time: they were not a burst.
    expect((viewer.audio[20]?.atMs ?? 0) - first).toBeGreaterThan(250);
  });

  it('reports both against the time of capture: from the first frame on, every second, within 60 ms of each other', async () => {
    await using viewer = await open('sync');
    await eventually('two reports of each', () => senderReports(viewer).every((found) => found.length >= 2));
    const [video = [], audio = []] = senderReports(viewer);
    const ageOf = (kind: 'video' | 'audio', rate: number) => {
      const report = (kind === 'video' ? video : audio).at(-1)?.report;
      const packets = kind === 'video' ? viewer.video : viewer.audio;
      const last = packets.at(-1);
      if (report?.kind !== 'sender-report' || last === undefined) throw new Error('nothing was reported');
      const capturedAt =
        (report.wallClockMs ?? 0) +
        (timestampDelta(last.packet.timestamp, report.rtpTimestamp) * 1000) / rate;
      return performance.timeOrigin + last.atMs - capturedAt;
    };
    const [pictureAge, soundAge] = [ageOf('video', 90_000), ageOf('audio', 8000)];
    expect(pictureAge).toBeGreaterThan(CAPTURE_AGE_MS - 60);
    expect(pictureAge).toBeLessThan(CAPTURE_AGE_MS + 150);
    expect(Math.abs(pictureAge - soundAge)).toBeLessThan(60);
    const firstPicture = viewer.video[0]?.atMs ?? 0;
    expect((video[0]?.atMs ?? 0) - firstPicture).toBeLessThan(300);
    expect((video[1]?.atMs ?? 0) - (video[0]?.atMs ?? 0)).toBeLessThan(1500);
  });

  it('sends pictures to who offered sound to a camera without any', async () => {
    await using viewer = await open('none', 'cam_silent');
    await eventually('pictures', () => viewer.video.length > 0);
    expect(viewer.audio).toHaveLength(0);
  });

  it('sends a stream without pictures, and awaits none', async () => {
    await using viewer = await open('radio', 'cam_radio');
    await eventually('sound', () => viewer.audio.length > 10);
    expect(viewer.answer).toMatch(/m=video 9 .*\r\nc=.*\r\na=mid:0\r\na=inactive/);
  });

  it('answers for sound before the camera told what it has, and sends what it turns out to be', async () => {
    await using viewer = await open('cold', 'cam_cold');
    await eventually('connected', () => viewer.state === 'connected');
    using _pictures = new ClipFeeder({ file: CLIP, fps: 10, sink: cameraInto(cold, [PCMU]) });
    using _sound = new SoundFeeder(cold, PCMU, (n) => n * 160);
    await eventually('both', () => viewer.audio.length > 5 && viewer.video.length > 5);
    expect(viewer.audio[0]?.packet.payloadType).toBe(0);
  });

  function senderReports(viewer: WebrtcListener) {
    const of = (packets: WebrtcListener['video']) =>
      viewer.reports.filter(
        ({ report }) => report.kind === 'sender-report' && report.ssrc === packets[0]?.packet.ssrc,
      );
    return [of(viewer.video), of(viewer.audio)];
  }
});
