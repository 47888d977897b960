import { CameraId } from '@vedette/contracts';
import { describe, expect, it } from 'vitest';
import { ProbeFailure } from '../probe-failure.ts';
import { type AskedCamera, CameraSnapshots } from './camera-snapshots.ts';

const camera: AskedCamera = {
  id: CameraId.parse('c1'),
  source: { kind: 'onvif', host: '10.0.0.2', port: 80, transport: 'tcp', username: 'vedette' },
  sourceRevision: 1,
  sealedPassword: null,
  profiles: [
    {
      name: 'main',
      url: 'rtsp://10.0.0.2/m',
      snapshotUrl: 'http://10.0.0.2/snap',
      codec: 'h264',
      width: 2,
      height: 2,
      frameRate: 1,
    },
  ],
};

function world(answer: () => Promise<Buffer>) {
  const time = { now: 0 };
  const asked: string[] = [];
  const snapshots = new CameraSnapshots({
    credentials: { open: async () => 'secret' },
    fetch: (target) => {
      asked.push(`${target.username}:${target.password} ${target.url}`);
      return answer();
    },
    clock: { now: () => time.now, wallNow: () => 1_000_000 + time.now },
  });
  return { asked, snapshots, time };
}

describe('snapshots of a camera', () => {
  it('are asked for once for all who look, and again after three seconds', async () => {
    const { asked, snapshots, time } = world(async () => Buffer.from('picture'));
    const [one, two] = await Promise.all([snapshots.take(camera), snapshots.take(camera)]);
    expect(one).toBe(two);
    expect(one).toMatchObject({ jpeg: Buffer.from('picture'), takenAtMs: 1_000_000 });
    time.now = 2_999;
    expect(await snapshots.take(camera)).toBe(one);
    expect(asked).toEqual(['vedette:secret http://10.0.0.2/snap']);
    time.now = 3_000;
    expect((await snapshots.take(camera)).etag).toBe(one?.etag);
    expect(asked).toHaveLength(2);
  });

  it('are not found where the camera told no address', async () => {
    const { snapshots } = world(async () => Buffer.alloc(1));
    await expect(snapshots.take({ ...camera, profiles: [] })).rejects.toMatchObject({ code: 'not_found' });
  });

  it('of one that fails are not asked for again for ten seconds', async () => {
    const { asked, snapshots, time } = world(async () => {
      throw new ProbeFailure('camera_timeout', 'connect');
    });
    for (let i = 0; i < 3; i++)
      await expect(snapshots.take(camera)).rejects.toMatchObject({ code: 'camera_offline' });
    expect(asked).toHaveLength(1);
    time.now = 10_000;
    await expect(snapshots.take(camera)).rejects.toThrow();
    expect(asked).toHaveLength(2);
  });

  it('of one that refused the password are not asked for again for ten minutes, but with another one at once', async () => {
    const { asked, snapshots, time } = world(async () => {
      throw new ProbeFailure('camera_credentials_rejected', 'authenticate');
    });
    await expect(snapshots.take(camera)).rejects.toThrow();
    time.now = 599_999;
    await expect(snapshots.take(camera)).rejects.toThrow();
    expect(asked).toHaveLength(1);
    await expect(snapshots.take({ ...camera, sourceRevision: 2 })).rejects.toThrow();
    expect(asked).toHaveLength(2);
  });

  it('are asked of no more than a hundred and some cameras at once', async () => {
    const { asked, snapshots } = world(() => new Promise(() => undefined));
    const many = Array.from({ length: 117 }, (_, i) =>
      snapshots.take({ ...camera, id: CameraId.parse(`c${i}`) }),
    );
    await expect(Promise.race(many)).rejects.toMatchObject({ code: 'at_capacity' });
    expect(asked).toHaveLength(16);
  });

  it('end when control ends', async () => {
    const { asked, snapshots } = world(async () => Buffer.alloc(1));
    snapshots.close();
    await expect(snapshots.take(camera)).rejects.toMatchObject({ code: 'unavailable' });
    expect(asked).toEqual([]);
  });
});
