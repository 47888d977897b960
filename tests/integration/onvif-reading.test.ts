import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type OnvifTarget, readOnvif } from '../../apps/control-plane/src/registry/onvif/onvif-reader.ts';
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
    await expect(readOnvif(target(1), patience())).rejects.toMatchObject({ code: 'camera_timeout' });
    expect(performance.now() - begunAt).toBeLessThan(7_000);
  });

  it('stops at once when it is told to', async () => {
    const stop = new AbortController();
    const reading = readOnvif(target(1), stop.signal);
    stop.abort(new Error('enough'));
    await expect(reading).rejects.toThrow('enough');
  });
});
