import { CameraId } from '@vedette/contracts';
import { AddressRules } from '@vedette/runtime';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type OnvifTarget, readOnvif } from '../../apps/control-plane/src/registry/onvif/onvif-reader.ts';
import { SynchronizationPoints } from '../../apps/control-plane/src/registry/onvif/synchronization-points.ts';
import { fetchSnapshot } from '../../apps/control-plane/src/registry/snapshots/fetch-snapshot.ts';
import { type Simulator, startSimulator } from '../../simulators/index.ts';

let simulator: Simulator;
beforeAll(async () => {
  simulator = await startSimulator({ cameras: 2, basePort: 0, discovery: false });
});
afterAll(() => simulator.close());

function target(camera: number, change: Partial<OnvifTarget> = {}): OnvifTarget {
  const { username, password } = simulator;
  const port = simulator.cameras[camera]?.onvif.port ?? 0;
  return { host: 'camera.example', address: '127.0.0.1', port, username, password, ...change };
}
const loopback = new AddressRules({ networks: ['127.0.0.0/8'], ownAddresses: () => [], ownPorts: [] });
const patience = () => AbortSignal.timeout(20_000);

describe('reading an ONVIF camera', () => {
  it('finds its device, its largest picture as main and its smallest as sub, at the host it was reached by', async () => {
    const { device, profiles } = await readOnvif(target(0), patience());
    expect(device?.manufacturer).not.toBe('');
    expect(profiles.map(({ name, codec, width, height }) => ({ name, codec, width, height }))).toEqual([
      { name: 'main', codec: 'h264', width: 1280, height: 720 },
      { name: 'sub', codec: 'h264', width: 320, height: 180 },
    ]);
    for (const { url } of profiles) expect(new URL(url).hostname).toBe('camera.example');
    expect(profiles.map(({ token }) => token)).toEqual(['profile_main', 'profile_sub']);
    expect(profiles.map(({ snapshotUrl }) => snapshotUrl)).toEqual([
      `http://camera.example:${target(0).port}/onvif/snapshot.jpg`,
      undefined,
    ]);
    expect(JSON.stringify(profiles)).not.toContain(simulator.password);
  });

  it('says that the password was rejected', async () => {
    await expect(readOnvif(target(0, { password: 'wrong' }), patience())).rejects.toMatchObject({
      code: 'camera_credentials_rejected',
      step: 'authenticate',
    });
    await expect(
      readOnvif(target(0, { username: undefined, password: undefined }), patience()),
    ).rejects.toMatchObject({ code: 'camera_credentials_rejected' });
  });

  it('says that nobody listens there', async () => {
    await expect(readOnvif(target(0, { port: 1 }), patience())).rejects.toMatchObject({
      code: 'camera_refused',
      step: 'connect',
    });
  });

  it('gives up on a camera that accepts and stays silent', async () => {
    await simulator.cameras[1]?.fault({ kind: 'hang' });
    const begunAt = performance.now();
    const { address, host, port, username, password } = target(1);
    const judge = { rules: loopback, resolve: async () => [address] };
    const snapshot = { url: `http://${host}:${port}/onvif/snapshot.jpg`, username, password };
    await Promise.all([
      expect(readOnvif(target(1), patience())).rejects.toMatchObject({ code: 'camera_timeout' }),
      expect(fetchSnapshot(judge, snapshot, patience())).rejects.toMatchObject({ code: 'camera_timeout' }),
    ]);
    expect(performance.now() - begunAt).toBeLessThan(7_000);
  });

  it('stops at once when it is told to', async () => {
    const stop = new AbortController();
    const reading = readOnvif(target(1), stop.signal);
    stop.abort(new Error('enough'));
    await expect(reading).rejects.toThrow('enough');
  });
});

describe('asking an ONVIF camera for a key frame', () => {
  const cameraId = CameraId.parse('c1');
  const counts = () => simulator.cameras[0]?.counts();

  async function world(change: { password?: string; port?: number; networks?: string[] } = {}) {
    const { profiles } = await readOnvif(target(0), patience());
    const { username, password } = simulator;
    const port = change.port ?? simulator.cameras[0]?.onvif.port ?? 0;
    let asked = 0;
    let now = 0;
    const points = new SynchronizationPoints({
      store: {
        get: async (id) => {
          asked++;
          if (id !== cameraId) return undefined;
          return {
            id,
            source: { kind: 'onvif', host: '127.0.0.1', port, transport: 'tcp', username },
            sourceRevision: 1,
            sealedPassword: null,
            profiles: [...profiles],
          };
        },
      },
      credentials: { open: async () => change.password ?? password },
      rules: new AddressRules({
        networks: change.networks ?? ['127.0.0.0/8'],
        ownAddresses: () => [],
        ownPorts: [],
      }),
      resolve: async () => [],
      clock: { now: () => now },
    });
    return {
      points,
      asked: () => asked,
      later: () => {
        now += 10 * 60_000;
      },
    };
  }

  it('makes one, and takes one call from the second time on', async () => {
    const { points } = await world();
    const before = counts();
    expect(await points.ask(cameraId, 'main', patience())).toBe('asked');
    const once = counts();
    expect((once?.synchronizationPoints ?? 0) - (before?.synchronizationPoints ?? 0)).toBe(1);
    await Promise.all([points.ask(cameraId, 'sub', patience()), points.ask(cameraId, 'main', patience())]);
    const later = counts();
    expect((later?.synchronizationPoints ?? 0) - (once?.synchronizationPoints ?? 0)).toBe(2);
    expect((later?.onvifRequests ?? 0) - (once?.onvifRequests ?? 0)).toBe(2);
  });

  it('is not possible for a stream that the camera does not name', async () => {
    const { points } = await world();
    expect(await points.ask(cameraId, 'lite', patience())).toBe('impossible');
    expect(await points.ask(CameraId.parse('c2'), 'main', patience())).toBe('impossible');
  });

  it('is left alone for ten minutes by one that refused, so that no account is locked', async () => {
    const { later, points } = await world({ password: 'wrong' });
    await expect(points.ask(cameraId, 'main', patience())).rejects.toMatchObject({
      code: 'camera_credentials_rejected',
    });
    const refused = counts()?.credentialsRefused ?? 0;
    expect(await points.ask(cameraId, 'main', patience())).toBe('impossible');
    expect(counts()?.credentialsRefused).toBe(refused);
    later();
    await expect(points.ask(cameraId, 'main', patience())).rejects.toThrow();
  });

  it('never goes where no source may be', async () => {
    const { points } = await world({ networks: ['10.0.0.0/8'] });
    await expect(points.ask(cameraId, 'main', patience())).rejects.toMatchObject({
      code: 'source_not_allowed',
    });
  });
});
