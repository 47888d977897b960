// Time to the first picture of a camera that nobody watched, joined at moments spread over a group of pictures of
// ten seconds: with the camera asked for a key frame (it is added as ONVIF), and without (the same address as RTSP).
//
//   node bench/cold-join.ts [joins=5]     FFmpeg is needed.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startSimulator } from '../simulators/index.ts';
import { Demo } from '../tests/support/demo.ts';
import { eventually } from '../tests/support/eventually.ts';
import { open, start } from '../tests/support/watching.ts';

const JOINS = Number(process.argv[2] ?? 5);
const FPS = 15;
const GOP = 10 * FPS;

const folder = mkdtempSync(join(tmpdir(), 'vedette-cold-'));
const clip = join(folder, 'clip.h264');
execFileSync('ffmpeg', [
  ...['-v', 'error', '-f', 'lavfi', '-i', `testsrc2=size=1280x720:rate=${FPS}`, '-frames:v', String(2 * GOP)],
  ...['-c:v', 'libx264', '-preset', 'veryfast', '-pix_fmt', 'yuv420p', '-bf', '0', '-sc_threshold', '0'],
  ...['-g', String(GOP), '-keyint_min', String(GOP), '-f', 'h264', clip],
]);
try {
  await using simulator = await startSimulator({
    cameras: 1,
    basePort: 0,
    discovery: false,
    keyFrameOnPlay: false,
    mainClip: { file: clip, fps: FPS },
  });
  const [camera] = simulator.cameras;
  if (camera === undefined) throw new Error('no camera');
  const { username, password } = simulator;
  await using demo = await Demo.start({ cameras: 1 });
  const add = async (name: string, source: object): Promise<string> => {
    const { id } = await demo.api<{ id: string }>('POST', '/cameras', {
      name,
      source: { ...source, username, password },
      idleTtlSeconds: 0,
    });
    return id;
  };
  const ids = {
    'without (RTSP)': await add('without', { kind: 'rtsp', url: camera.rtspUrl('main') }),
    'with (ONVIF)': await add('with', { kind: 'onvif', host: camera.onvif.host, port: camera.onvif.port }),
  };
  for (const id of Object.values(ids))
    await eventually('its profiles are known', async () => {
      const { profiles } = await demo.api<{ profiles: unknown[] }>('GET', `/cameras/${id}`);
      return profiles.length > 0;
    });
  for (const [name, id] of Object.entries(ids)) {
    const times: number[] = [];
    for (let i = 0; i < JOINS; i += 1) {
      await eventually(
        'nobody watches, and the group of pictures is where this join wants it',
        () => {
          const late = (camera.timeline('main').frame % GOP) - (GOP * (i + 0.5)) / JOINS;
          return camera.counts().profiles.main.playing === 0 && late >= 0 && late < FPS / 3;
        },
        { withinMs: 30_000 },
      );
      const begunAt = performance.now();
      const viewer = await open(await start(demo, id));
      await eventually('the first picture', () => viewer.counts.firstKeyFrameAt !== undefined, {
        withinMs: 15_000,
      });
      times.push((viewer.counts.firstKeyFrameAt ?? 0) - begunAt);
      await viewer.close();
    }
    const sorted = times.toSorted((a, b) => a - b).map(Math.round);
    console.log(`${name}: ${sorted.join(', ')} ms; requests so far ${camera.counts().synchronizationPoints}`);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.exit();
