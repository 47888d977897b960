import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CameraProber } from '../../apps/control-plane/src/registry/camera-prober.ts';
import type { StoredSource } from '../../apps/control-plane/src/registry/camera-record.ts';
import { readOnvif } from '../../apps/control-plane/src/registry/onvif/onvif-reader.ts';
import { streamProber } from '../../apps/control-plane/src/registry/stream-prober.ts';
import { AddressRules, systemClock } from '../../packages/runtime/src/index.ts';
import { type Simulator, startSimulator } from '../../simulators/index.ts';

const rules = new AddressRules({ networks: ['127.0.0.0/8'], ownAddresses: () => [], ownPorts: [8080] });
const resolve = async (host: string) => (host === 'camera.test' ? ['127.0.0.1'] : []);
const prober = new CameraProber({
  rules,
  resolve,
  readOnvif,
  probeStream: streamProber({ rules, resolve, clock: systemClock }),
  clock: systemClock,
});

let simulator: Simulator;
let mainUrl: string;
beforeAll(async () => {
  simulator = await startSimulator({ cameras: 2, basePort: 0, discovery: false });
  const { profiles } = await readOnvif(
    {
      host: '127.0.0.1',
      address: '127.0.0.1',
      port: onvif(0).port,
      username: simulator.username,
      password: simulator.password,
    },
    AbortSignal.timeout(10_000),
  );
  mainUrl = profiles[0]?.url ?? '';
});
afterAll(() => simulator.close());

function onvif(
  camera: number,
  change: { host?: string; port?: number } = {},
): StoredSource & { port: number } {
  const port = simulator.cameras[camera]?.onvif.port ?? 0;
  return {
    kind: 'onvif',
    host: 'camera.test',
    port,
    transport: 'tcp',
    username: simulator.username,
    ...change,
  };
}
const rtsp = (url: string, change: object = {}): StoredSource => ({
  kind: 'rtsp',
  url,
  transport: 'tcp',
  username: simulator.username,
  ...change,
});
async function probe(source: StoredSource, password = simulator.password) {
  return (await prober.probe({ source, password }, AbortSignal.timeout(20_000))).result;
}
const refusedAt = (step: string, code: string) => ({ ok: false, step, code });

describe('trying a camera', () => {
  it('tells codec, size and rate of an RTSP stream', async () => {
    for (const transport of ['tcp', 'udp'] as const) {
      expect(await probe(rtsp(mainUrl, { transport }))).toMatchObject({
        ok: true,
        profiles: [
          { name: 'main', codec: 'h264', width: 1280, height: 720, frameRate: expect.closeTo(15, 0) },
        ],
      });
    }
  });

  it('tells the codec of a picture that has to be converted, and its rate', async () => {
    const other = await startSimulator({ cameras: 1, basePort: 0, discovery: false, video: 'mjpeg' });
    try {
      const url = other.cameras[0]?.rtspUrl('main') ?? '';
      const source = { ...rtsp(url), username: other.username };
      expect(await probe(source, other.password)).toMatchObject({
        ok: true,
        profiles: [{ codec: 'jpeg', width: null, height: null, frameRate: expect.closeTo(15, 0) }],
      });
    } finally {
      await other.close();
    }
  });

  it('tells them of both streams of an ONVIF camera, and closes what it opened', async () => {
    expect(await probe(onvif(0))).toMatchObject({
      ok: true,
      profiles: [
        { name: 'main', codec: 'h264', width: 1280, height: 720 },
        { name: 'sub', codec: 'h264', width: 320, height: 180 },
      ],
    });
    const counts = simulator.cameras[0]?.counts();
    expect(counts?.profiles.sub).toMatchObject({ play: 1, teardown: 1, playing: 0 });
  });

  it('says exactly which step failed', async () => {
    expect(await probe(rtsp(mainUrl), 'wrong')).toMatchObject(
      refusedAt('authenticate', 'camera_credentials_rejected'),
    );
    expect(await probe(rtsp(`${mainUrl}nosuch`))).toMatchObject(
      refusedAt('describe', 'camera_not_found_on_device'),
    );
    expect(await probe(rtsp('rtsp://127.0.0.1:1/x'))).toMatchObject(refusedAt('connect', 'camera_refused'));
    expect(await probe(rtsp('rtsp://nosuch.test/x'))).toMatchObject(
      refusedAt('resolve', 'camera_unreachable'),
    );
    expect(await probe(rtsp('rtsp://10.0.0.1/x'))).toMatchObject(refusedAt('resolve', 'source_not_allowed'));
    expect(await probe(onvif(0), 'wrong')).toMatchObject(
      refusedAt('authenticate', 'camera_credentials_rejected'),
    );
    expect(await probe(onvif(0, { port: 1 }))).toMatchObject(refusedAt('connect', 'camera_refused'));
    expect(await probe(onvif(0, { host: 'nosuch.test' }))).toMatchObject(
      refusedAt('resolve', 'camera_unreachable'),
    );
  });

  it('says nothing of the password', async () => {
    const answers = [
      await probe(rtsp(mainUrl)),
      await probe(rtsp(`${mainUrl}nosuch`)),
      await probe(onvif(0)),
    ];
    expect(JSON.stringify(answers)).not.toContain(simulator.password);
  });
});
