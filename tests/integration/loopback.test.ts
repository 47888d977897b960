import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect } from 'node:net';
import { fileURLToPath } from 'node:url';
import type { EncodedFrame, Track } from '@vedette/media-types';
import { systemClock } from '@vedette/runtime';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { StreamHub } from '../../apps/media-node/src/hub/stream-hub.ts';
import { LoopbackRtsp } from '../../apps/media-node/src/loopback/loopback-rtsp.ts';
import { bound } from '../support/bound.ts';
import { ClipFeeder } from '../support/clip-feeder.ts';
import { eventually } from '../support/eventually.ts';

const CLIP = fileURLToPath(new URL('../../fixtures/clips/gate-main.h264', import.meta.url));
let loopback: LoopbackRtsp;
let stop = new AbortController();
beforeAll(async () => {
  loopback = await LoopbackRtsp.open({ clock: systemClock });
});
afterEach(() => {
  stop.abort();
  stop = new AbortController();
});
afterAll(() => loopback.close());

/** Ends with the test. */
function ffmpeg(...args: string[]) {
  const child = spawn(...bound('ffmpeg', ['-hide_banner', '-v', 'error', '-nostdin', ...args]), {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  stop.signal.addEventListener('abort', () => child.kill('SIGKILL'));
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  return { child, output: () => output };
}

const TEST_PICTURE = ['-re', '-f', 'lavfi', '-i', 'testsrc2=s=320x180:r=15'];
const H264 = ['-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency', '-g', '15'];
const AAC = ['-f', 'lavfi', '-i', 'sine=r=48000', '-c:a', 'aac'];
const OUT = ['-f', 'rtsp', '-rtsp_transport', 'tcp'];

function receive(firstTicks?: number) {
  const tracks: Track[][] = [];
  const frames: EncodedFrame[] = [];
  const reception = loopback.receive({
    sink: { tracks: (told) => tracks.push([...told]), frame: (frame) => frames.push(frame) },
    firstTicks,
    onPublishing: () => undefined,
    signal: stop.signal,
  });
  return { frames, reception, tracks };
}

describe('what a process of ours publishes', () => {
  it('comes in as picture and sound, first a key frame, on the time line of the run', async () => {
    const { frames, reception, tracks } = receive(90_000);
    ffmpeg(...TEST_PICTURE, ...AAC.slice(0, 4), ...H264, '-c:a', 'aac', ...OUT, reception.url);
    await eventually('a second of it', () => frames.filter(({ kind }) => kind === 'video').length > 15, {
      withinMs: 10_000,
    });
    expect(tracks.at(-1)).toMatchObject([
      { kind: 'video', codec: 'h264', width: 320, height: 180 },
      { kind: 'audio', codec: 'aac', clockRate: 48_000 },
    ]);
    const video = frames.filter(({ kind }) => kind === 'video');
    expect(video[0]?.key).toBe(true);
    expect(video[0]?.dtsTicks).toBeGreaterThan(90_000);
    expect(frames.some(({ kind }) => kind === 'audio')).toBe(true);
  });

  it('ends when the process is killed, and its address is good once', async () => {
    const { reception, frames } = receive();
    const { child } = ffmpeg(...TEST_PICTURE, ...H264, ...OUT, reception.url);
    await eventually('pictures', () => frames.length > 0, { withinMs: 10_000 });
    child.kill('SIGKILL');
    await reception.ended;
    const again = ffmpeg(...TEST_PICTURE, ...H264, ...OUT, reception.url);
    await once(again.child, 'close');
    expect(again.child.exitCode).not.toBe(0);
  });
});

describe('a stream of the node', () => {
  it('is read by a process of ours from its current picture on', async () => {
    const hub = new StreamHub();
    using _camera = new ClipFeeder({ file: CLIP, fps: 15, sink: hub });
    const url = loopback.serve({ hub, signal: stop.signal });
    const reader = ffmpeg('-rtsp_transport', 'tcp', '-i', url, '-frames:v', '20', '-f', 'framecrc', '-');
    await once(reader.child, 'close');
    const pictures = reader
      .output()
      .split('\n')
      .filter((line) => /^0,/.test(line));
    expect(reader.output()).not.toMatch(/error|missing|corrupt/i);
    expect(pictures).toHaveLength(20);
    await eventually('nobody reads any more', () => hub.subscriberCount === 0);
  });

  it('ends for its reader when the signal aborts', async () => {
    const hub = new StreamHub();
    using _camera = new ClipFeeder({ file: CLIP, fps: 15, sink: hub });
    const over = new AbortController();
    const reader = ffmpeg(
      '-rtsp_transport',
      'tcp',
      '-i',
      loopback.serve({ hub, signal: over.signal }),
      '-f',
      'null',
      '-',
    );
    await eventually('it reads', () => hub.subscriberCount === 1, { withinMs: 10_000 });
    const ended = once(reader.child, 'close');
    over.abort();
    await ended;
    expect(hub.subscriberCount).toBe(0);
  });
});

describe('packets that are handed on', () => {
  it('come out as a camera sent them, for FFmpeg to read', async () => {
    const socket = createSocket('udp4').bind(0, '127.0.0.1');
    await once(socket, 'listening');
    const relay = loopback.relay({
      sdp: 'v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\nm=video 0 RTP/AVP 26\r\n',
      signal: stop.signal,
    });
    socket.on('message', (packet) => relay.rtp(packet));
    const camera = [
      '-re',
      '-f',
      'lavfi',
      '-i',
      'testsrc2=s=160x96:r=10',
      '-c:v',
      'mjpeg',
      '-pix_fmt',
      'yuvj420p',
    ];
    ffmpeg(...camera, '-huffman', 'default', '-f', 'rtp', `rtp://127.0.0.1:${socket.address().port}`);
    const reader = ffmpeg('-rtsp_transport', 'tcp', '-i', relay.url, '-frames:v', '5', '-f', 'framecrc', '-');
    await once(reader.child, 'close');
    socket.close();
    expect(reader.output()).toContain('#dimensions 0: 160x96');
    expect(reader.output().match(/^0,/gm)).toHaveLength(5);
  });
});

describe('the address', () => {
  it('is unknown to whoever guesses, and no other path leads anywhere', async () => {
    const { port } = new URL(loopback.serve({ hub: new StreamHub(), signal: stop.signal }));
    const socket = connect({ host: '127.0.0.1', port: Number(port) });
    socket.write('DESCRIBE rtsp://127.0.0.1/guess RTSP/1.0\r\nCSeq: 1\r\n\r\n');
    const [answer] = await once(socket, 'data');
    expect(String(answer)).toMatch(/^RTSP\/1\.0 404 /);
    socket.destroy();
  });
});
