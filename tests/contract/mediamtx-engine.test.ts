// A file of its own: two engines with WebRTC in one process, of which one has been closed, are not what anybody runs.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Simulator, startSimulator } from '../../simulators/index.ts';
import { WhepViewer } from '../../simulators/viewers/whep-viewer.ts';
import { desire, EngineNode, mediaMtxBinary } from '../support/engine-node.ts';
import { eventually } from '../support/eventually.ts';
import { freePort } from '../support/free-ports.ts';
import { openAddresses } from '../support/own-sockets.ts';
import { mediaEngineContract, sourceOf } from './media-engine.contract.ts';

const PASSWORD = 'p@ss word:1';

if ((await mediaMtxBinary()) === undefined)
  describe('the mediamtx engine', () => {
    it.skip('skipped: no MediaMTX (MEDIAMTX_BIN, or a program mediamtx in PATH)', () => undefined);
  });
else {
  mediaEngineContract('mediamtx');
  describe('a MediaMTX of ours', () => {
    let simulator: Simulator;
    let node: EngineNode;
    let rtmpPort: number;
    let srtPort: number;

    beforeAll(async () => {
      simulator = await startSimulator({ cameras: 60, basePort: 0, password: PASSWORD, discovery: false });
      [rtmpPort, srtPort] = [await freePort(), await freePort()];
      node = await EngineNode.start('mediamtx', {
        VEDETTE_MEDIAMTX_RTMP_PORT: String(rtmpPort),
        VEDETTE_MEDIAMTX_SRT_PORT: String(srtPort),
      });
    });
    afterAll(async () => {
      await node?.[Symbol.asyncDispose]();
      await simulator?.close();
    });

    function camera(index: number) {
      const simulated = simulator.cameras[index];
      if (simulated === undefined) throw new Error('there is no such camera');
      return simulated;
    }

    it('[V7] shows no camera password to `ps`, to other users of the machine or to its own API without our token', async () => {
      node.want(desire('cam_secret', sourceOf(camera(0)), { pull: 'always-on' }));
      await eventually('it is live', () => node.stream('cam_secret')?.health === 'live');
      const { api, pid } = node.mediaMtx();
      const commandLine = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
      const environment = readFileSync(`/proc/${pid}/environ`, 'utf8');
      expect(`${commandLine} ${environment}`).not.toMatch(/p(@|%40)ss|VEDETTE_/);
      for (const file of readdirSync(node.folder, { recursive: true, encoding: 'utf8' })) {
        const { mode } = statSync(join(node.folder, file));
        expect(`${file} ${(mode & 0o077).toString(8)}`).toBe(`${file} 0`);
      }
      expect((await fetch(`http://127.0.0.1:${api}/v3/config/paths/list`)).status).toBe(401);
      node.drop('cam_secret');
    });

    it('listens for strangers on nothing but what the settings open', () => {
      const open = openAddresses(node.mediaMtx().pid);
      expect(open.length).toBeGreaterThan(5);
      expect(open.filter((address) => !/ 0100007F:/.test(address))).toEqual([]);
    });

    it('is started again when it dies, and has all paths and pictures again', async () => {
      const paths = simulator.cameras.map((_one, index) => `cam_many${index}`);
      node.want(...paths.map((path, index) => desire(path, sourceOf(camera(index)))));
      await eventually('MediaMTX has them all', () =>
        paths.every((path) => node.stream(path)?.reason === 'waiting_for_viewer'),
      );
      const path = 'cam_many7';
      const token = await node.token(path, { sid: 'patient' });
      const before = await WhepViewer.open({ url: node.whepUrl(path), token });
      await eventually('pictures', () => before.counts.keyFrames > 0);
      const { pid } = node.mediaMtx();
      process.kill(pid, 'SIGKILL');
      await eventually('it is told', () => node.stream(path)?.reason === 'unavailable');
      // As a player does, with the token that it has.
      const after = await eventually('it plays again', () =>
        WhepViewer.open({ url: node.whepUrl(path), token }).catch(() => undefined),
      );
      await eventually('pictures again', () => after.counts.keyFrames > 0);
      expect(node.mediaMtx().pid).not.toBe(pid);
      await eventually('MediaMTX has them all again', () =>
        paths.every((one) => one === path || node.stream(one)?.reason === 'waiting_for_viewer'),
      );
      // The view was never over.
      expect(node.endOf('patient')).toEqual([]);
      expect(node.session('patient')).toMatchObject({ path });
      await Promise.all([before.close('silently'), after.close()]);
      for (const one of paths) node.drop(one);
      await eventually('nobody is asked any more', () =>
        simulator.cameras.every((one) => one.counts().profiles.main.playing === 0),
      );
    });

    it('leaves a camera alone that rejects the password, long enough not to lock the account', async () => {
      const simulated = camera(1);
      await simulated.fault({ kind: 'wrong-password' });
      node.want(desire('cam_locked', sourceOf(simulated), { pull: 'always-on' }));
      await eventually(
        'it is told',
        () => node.stream('cam_locked')?.reason === 'camera_credentials_rejected',
      );
      expect(node.stream('cam_locked')).toMatchObject({ health: 'offline' });
      const asked = simulated.counts().connectionsTotal;
      const viewer = WhepViewer.open({
        url: node.whepUrl('cam_locked'),
        token: await node.token('cam_locked'),
      });
      await expect(viewer).rejects.toThrow(/409.*camera_offline/);
      expect(simulated.counts().connectionsTotal).toBe(asked);
      await simulated.fault({ kind: 'none' });
      node.drop('cam_locked');
    });

    it('says of what it cannot do that it cannot', async () => {
      const source = { kind: 'file', file: 'a.mp4', loop: true } as const;
      node.want(desire('cam_file', source, { pull: 'always-on' }));
      await eventually('it is offline', () => node.stream('cam_file')?.health === 'offline');
      expect(node.stream('cam_file')).toMatchObject({
        reason: 'engine_unsupported',
        detail: expect.stringMatching(/native engine/),
      });
      const viewer = WhepViewer.open({ url: node.whepUrl('cam_file'), token: await node.token('cam_file') });
      await expect(viewer).rejects.toThrow(/409.*engine_unsupported/);
      node.drop('cam_file');
    });
  });
}
