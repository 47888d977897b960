// A file of its own: two engines with WebRTC in one process, of which one has been closed, are not what anybody runs.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
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
    let recordings: string;

    beforeAll(async () => {
      simulator = await startSimulator({ cameras: 60, basePort: 0, password: PASSWORD, discovery: false });
      [rtmpPort, srtPort] = [await freePort(), await freePort()];
      recordings = await mkdtemp(join(tmpdir(), 'vedette-recordings-'));
      node = await EngineNode.start('mediamtx', {
        VEDETTE_MEDIAMTX_RECORD_FOLDER: recordings,
        VEDETTE_MEDIAMTX_RTMP_PORT: String(rtmpPort),
        VEDETTE_MEDIAMTX_SRT_PORT: String(srtPort),
      });
    });
    afterAll(async () => {
      await node?.[Symbol.asyncDispose]();
      await simulator?.close();
      await rm(recordings, { recursive: true, force: true });
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

    it('takes what encoders send by RTMP and SRT, and records what is pulled', async () => {
      const ways = [
        ['rtmp', (path: string) => `rtmp://127.0.0.1:${rtmpPort}/${path}?user=enc&pass=secret`, 'flv'],
        ['srt', (path: string) => `srt://127.0.0.1:${srtPort}?streamid=publish:${path}:enc:secret`, 'mpegts'],
      ] as const;
      for (const [via, target, format] of ways) {
        const path = `cam_${via}`;
        node.want(desire(path, { kind: 'publish', via, username: 'enc', password: 'secret' }));
        await eventually('it waits', () => node.stream(path)?.reason === 'waiting_for_publisher');
        const encoder = encode(target(path), format);
        await eventually(`it is live by ${via}`, () => node.stream(path)?.health === 'live');
        const viewer = await WhepViewer.open({ url: node.whepUrl(path), token: await node.token(path) });
        await eventually('pictures', () => viewer.counts.keyFrames > 0);
        await viewer.close();
        const files = () =>
          readdirSync(recordings, { recursive: true, encoding: 'utf8' }).filter((file) =>
            file.startsWith(`${path}/`),
          );
        await eventually('a recording', () => files().length > 0);
        encoder.kill('SIGTERM');
        await once(encoder, 'exit');
        node.drop(path);
      }
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

  describe('a MediaMTX of somebody else', () => {
    it('serves our streams beside its own, unchanged, and is refused while it does not ask us', async () => {
      await using folder = await temporaryFolder();
      const [api, hls, webrtc, rtsp, auth] = [
        await freePort(),
        await freePort(),
        await freePort(),
        await freePort(),
        await freePort(),
      ];
      const config = {
        ...{ api: true, apiAddress: `127.0.0.1:${api}`, rtmp: false, srt: false, moq: false },
        ...{ hlsAddress: `127.0.0.1:${hls}`, webrtcAddress: `127.0.0.1:${webrtc}` },
        ...{ rtspAddress: `127.0.0.1:${rtsp}`, rtspTransports: ['tcp'] },
        ...{ webrtcLocalUDPAddress: `127.0.0.1:${await freePort()}`, webrtcIPsFromInterfaces: false },
        webrtcAdditionalHosts: ['127.0.0.1'],
        paths: { theirs: { source: 'publisher' } },
      };
      const settings = {
        VEDETTE_MEDIAMTX_API: `http://127.0.0.1:${api}`,
        VEDETTE_MEDIAMTX_AUTH_PORT: String(auth),
      };
      {
        await using _theirs = await runMediaMtx(folder.path, config, api);
        await expect(EngineNode.start('mediamtx', settings)).rejects.toThrow(/authHTTPAddress: http/);
      }
      const asked = { authMethod: 'http', authHTTPAddress: `http://127.0.0.1:${auth}/auth` };
      await using _theirs = await runMediaMtx(folder.path, { ...config, ...asked }, api);
      await using simulator = await startSimulator({ cameras: 1, basePort: 0, discovery: false });
      const [simulated] = simulator.cameras;
      if (simulated === undefined) throw new Error('there is no camera');
      const names = async () => {
        const response = await fetch(`http://127.0.0.1:${api}/v3/config/paths/list`);
        const { items } = (await response.json()) as { items: { name: string }[] };
        return items.map(({ name }) => name).sort();
      };
      {
        await using node = await EngineNode.start('mediamtx', settings);
        node.want(desire('cam_ours', sourceOf(simulated)));
        const token = await node.token('cam_ours');
        const viewer = await WhepViewer.open({ url: node.whepUrl('cam_ours'), token });
        await eventually('pictures', () => viewer.counts.keyFrames > 0);
        expect(await names()).toEqual(['cam_ours', 'theirs']);
        await eventually('the view is told', () => node.load().webrtcViewers === 1);
        await viewer.close();
      }
      expect(await names()).toEqual(['theirs']);
    });
  });
}

async function temporaryFolder(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'vedette-theirs-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

/** A MediaMTX with a configuration of its own, once its API answers. */
async function runMediaMtx(folder: string, config: object, api: number): Promise<AsyncDisposable> {
  const file = join(folder, 'theirs.yml');
  await writeFile(file, JSON.stringify(config));
  const child = spawn((await mediaMtxBinary()) ?? '', [file], { stdio: 'ignore' });
  const exited = once(child, 'exit');
  await eventually('it answers', async () => {
    const answer = await fetch(`http://127.0.0.1:${api}/v3/paths/list`).catch(() => undefined);
    await answer?.arrayBuffer();
    return answer !== undefined;
  });
  return {
    async [Symbol.asyncDispose]() {
      child.kill('SIGINT');
      await exited;
    },
  };
}

function encode(target: string, format: string) {
  return spawn(
    'ffmpeg',
    [
      ...['-v', 'error', '-re', '-f', 'lavfi', '-i', 'testsrc2=s=320x240:r=15'],
      ...['-c:v', 'libx264', '-preset', 'ultrafast', '-bf', '0', '-g', '15', '-pix_fmt', 'yuv420p'],
      ...['-f', format, target],
    ],
    { stdio: 'ignore' },
  );
}
