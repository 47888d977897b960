// A player and an encoder that nobody here wrote, at the node's RTSP server: GStreamer's. VLC plays no RTSP in Debian,
// which builds it without live555.
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { decodingErrors } from '../support/decoding-errors.ts';
import { eventually } from '../support/eventually.ts';
import { makeTestFile, type TestFile } from '../support/real-servers.ts';
import { RtspNode } from '../support/rtsp-node.ts';
import { running } from '../support/running.ts';

let node: RtspNode;
let stop: AbortController;

beforeEach(async () => {
  stop = new AbortController();
  node = await RtspNode.start({ sound: true });
});
afterEach(async () => {
  stop.abort();
  await node[Symbol.asyncDispose]();
});

function lacks(...elements: readonly string[]): string | undefined {
  if (!existsSync('/usr/bin/gst-inspect-1.0')) return 'gstreamer1.0-tools is not installed';
  const absent = elements.filter((element) => {
    try {
      execFileSync('gst-inspect-1.0', ['--exists', element], { stdio: 'ignore' });
      return false;
    } catch {
      return true;
    }
  });
  return absent.length === 0 ? undefined : `GStreamer has no ${absent.join(', ')}`;
}

function suite(name: string, lacking: string | undefined, tests: () => void): void {
  if (lacking !== undefined) console.warn(`SKIPPED: ${name}: ${lacking}`);
  describe.skipIf(lacking !== undefined)(name, tests);
}

const gst = (...pipeline: string[]) => running(stop.signal, 'gst-launch-1.0', ['-v', ...pipeline]);

suite('GStreamer as a player', lacks('rtspsrc', 'rtph264depay'), () => {
  it.each(['tcp', 'udp'])('takes picture and sound over %s', async (protocol) => {
    const player = gst(
      ...['rtspsrc', `location=${node.address('')}`, 'user-id=x', 'user-pw=right', `protocols=${protocol}`],
      ...['latency=50', 'name=s'],
      ...['s.', '!', 'rtph264depay', '!', 'identity', 'name=picture', 'silent=false', '!'],
      ...['fakesink', 'sync=false', 'async=false'],
      ...['s.', '!', 'rtppcmudepay', '!', 'identity', 'name=sound', 'silent=false', '!', 'fakesink'],
      ...['sync=false', 'async=false'],
    );
    const count = (name: string) =>
      player.output().match(new RegExp(`${name}:sink\\) \\(`, 'g'))?.length ?? 0;
    await eventually('pictures', () => count('picture') > 20);
    await eventually('sound', () => count('sound') > 20);
    expect(player.output()).toMatch(/caps = video\/x-h264/);
    expect(node.viewers.size).toBe(1);
    player.child.kill('SIGINT');
    await player.ended;
    await eventually('it has left', () => node.viewers.size === 0);
  });
});

suite('GStreamer as an encoder', lacks('rtspclientsink', 'qtdemux', 'rtph264pay', 'rtpmp4gpay'), () => {
  let file: TestFile;
  beforeAll(async () => {
    file = await makeTestFile('libx264');
  });
  afterAll(() => file[Symbol.asyncDispose]());

  it.each(['tcp', 'udp'])('sends picture and sound over %s', async (protocol) => {
    const { frames, tracks } = node.expectPublisher();
    gst(
      ...['rtspclientsink', 'name=out', `location=${node.address('', 'cam_p')}`, `protocols=${protocol}`],
      ...['user-id=enc', 'user-pw=secret', 'filesrc', `location=${file.mp4}`, '!', 'qtdemux', 'name=d'],
      ...['d.video_0', '!', 'queue', '!', 'out.', 'd.audio_0', '!', 'queue', '!', 'out.'],
    );
    const pictures = () => frames.filter(({ kind }) => kind === 'video');
    await eventually('pictures', () => pictures().length > 20);
    await eventually('sound', () => frames.length - pictures().length > 20);
    expect(pictures()[0]?.key).toBe(true);
    expect(tracks).toContainEqual(expect.objectContaining({ codec: 'h264', width: 320, height: 240 }));
    expect(tracks).toContainEqual(expect.objectContaining({ codec: 'aac', clockRate: 48_000 }));
    expect(await decodingErrors('h264', pictures())).toBe('');
  });
});
