// RTSP servers that nobody here wrote, each with a picture: MediaMTX, GStreamer, VLC. Each is started on a free port of
// this machine and ended with its owner. Not its job: reading from them.
import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bound } from './bound.ts';
import { eventually } from './eventually.ts';
import { freePort, freePortBlock } from './free-ports.ts';
import { userNamed } from './postgres.ts';

export interface RealServer extends AsyncDisposable {
  readonly url: string;
}

/** A file that holds the test picture, made once: 320x240, 15 pictures a second, a key frame each second, and sound. */
export interface TestFile extends AsyncDisposable {
  readonly folder: string;
  readonly mp4: string;
}

const PYTHON = '/usr/bin/python3';
const GST_FOLDER = '/usr/lib/x86_64-linux-gnu/girepository-1.0';

/** What is missing for a server, in words; undefined when it can run. */
export const missing = {
  mediamtx: () =>
    existsSync(process.env['MEDIAMTX_BIN'] ?? '') ? undefined : 'MEDIAMTX_BIN names no MediaMTX binary',
  gstreamer: () =>
    existsSync(PYTHON) &&
    [GST_FOLDER, GST_FOLDER.replace('x86_64', 'aarch64')].some((folder) =>
      existsSync(`${folder}/GstRtspServer-1.0.typelib`),
    )
      ? undefined
      : 'gir1.2-gst-rtsp-server-1.0 is not installed',
  vlc: () => (existsSync('/usr/bin/cvlc') ? undefined : 'vlc-bin is not installed'),
};

export async function makeTestFile(codec: 'libx264' | 'libx265'): Promise<TestFile> {
  const folder = await mkdtemp(join(tmpdir(), 'vedette-servers-'));
  // VLC reads it as another user.
  await chmod(folder, 0o755);
  const mp4 = join(folder, 'test.mp4');
  const ffmpeg = spawn(
    'ffmpeg',
    [
      ...['-v', 'error', '-y', '-f', 'lavfi', '-i', 'testsrc2=s=320x240:r=15:d=20'],
      ...['-f', 'lavfi', '-i', 'sine=f=440:r=48000:d=20', '-c:v', codec, '-preset', 'ultrafast'],
      ...['-bf', '0', '-g', '15', '-b:v', '300k', '-pix_fmt', 'yuv420p', '-c:a', 'aac', '-b:a', '64k'],
      ...(codec === 'libx265' ? ['-x265-params', 'log-level=error:bframes=0', '-tag:v', 'hvc1'] : []),
      mp4,
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  const [code] = await once(ffmpeg, 'exit');
  if (code !== 0) throw new Error('the test file could not be made');
  return { folder, mp4, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) };
}

/** MediaMTX, and FFmpeg that publishes the file into it. */
export async function startMediaMtx(file: TestFile): Promise<RealServer> {
  const port = await freePort();
  const pair = await portPair();
  const settings = join(file.folder, 'mediamtx.yml');
  await writeFile(
    settings,
    `logLevel: error\nrtspAddress: 127.0.0.1:${port}\nrtpAddress: 127.0.0.1:${pair}\n` +
      `rtcpAddress: 127.0.0.1:${pair + 1}\nrtmp: no\nhls: no\nwebrtc: no\nsrt: no\npaths:\n  all_others:\n`,
  );
  const server = run(process.env['MEDIAMTX_BIN'] ?? '', [settings], { cwd: file.folder });
  await listening(port);
  const url = `rtsp://127.0.0.1:${port}/x`;
  const publisher = run('ffmpeg', [
    ...['-v', 'error', '-re', '-stream_loop', '-1', '-i', file.mp4, '-c', 'copy'],
    ...['-f', 'rtsp', '-rtsp_transport', 'tcp', url],
  ]);
  return owned(url, publisher, server);
}

/** GStreamer's RTSP server, which reads the file itself. */
export async function startGStreamer(file: TestFile, codec: 'h264' | 'h265'): Promise<RealServer> {
  const pipeline =
    `( filesrc location=${file.mp4} ! qtdemux name=d  d.video_0 ! queue ! rtp${codec}pay name=pay0 pt=96 ` +
    `d.audio_0 ! queue ! rtpmp4gpay name=pay1 pt=97 )`;
  const script = new URL('gst-rtsp-server.py', import.meta.url).pathname;
  const server = spawn(...bound(PYTHON, [script, pipeline]), { stdio: ['pipe', 'pipe', 'ignore'] });
  const [line] = await once(server.stdout, 'data');
  return owned(`rtsp://127.0.0.1:${Number(String(line))}/x`, server);
}

/** VLC, which does not run as root, without its sound. */
export async function startVlc(file: TestFile): Promise<RealServer> {
  const port = await freePort();
  const url = `rtsp://127.0.0.1:${port}/silent`;
  const chain = `#rtp{sdp=${url}}`;
  const vlc = ['--loop', '--no-sout-audio', file.mp4, '--sout', chain, '--sout-keep'];
  const somebody = process.getuid?.() === 0 ? userNamed('nobody') : {};
  const server = run('cvlc', vlc, { ...somebody, env: { ...process.env, HOME: file.folder } });
  await listening(port);
  return owned(url, server);
}

function run(program: string, args: readonly string[], options: SpawnOptions = {}): ChildProcess {
  // A group of its own: what it starts ends with it.
  return spawn(...bound(program, args), { stdio: 'ignore', detached: true, ...options });
}

/** RTP's even port and the odd one after it. */
async function portPair(): Promise<number> {
  const first = await freePortBlock(3);
  return first + (first % 2);
}

function owned(url: string, ...processes: readonly ChildProcess[]): RealServer {
  return {
    url,
    async [Symbol.asyncDispose]() {
      for (const child of processes) {
        if (child.exitCode !== null || child.signalCode !== null) continue;
        const gone = once(child, 'exit');
        end(child);
        await gone;
      }
    },
  };
}

function end(child: ChildProcess): void {
  try {
    if (!child.spawnargs.includes(PYTHON) && child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
  } catch {
    // It has no group, or is gone.
  }
  child.kill('SIGKILL');
}

function listening(port: number): Promise<true> {
  return eventually(`something listens on ${port}`, () => answers(port), { withinMs: 20_000 });
}

function answers(port: number): Promise<true | undefined> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const say = (answer: true | undefined) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', () => say(true));
    socket.once('error', () => say(undefined));
  });
}
