// What every engine does, tried on a whole node with real cameras (simulated ones, over RTSP) and real viewers.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { DesiredStream, Protocol, StreamSource } from '@vedette/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type SimulatedCamera, type Simulator, startSimulator } from '../../simulators/index.ts';
import { WhepViewer } from '../../simulators/viewers/whep-viewer.ts';
import { desire, type EngineName, EngineNode } from '../support/engine-node.ts';
import { eventually } from '../support/eventually.ts';
import { freePort } from '../support/free-ports.ts';
import { RtspTalk } from '../support/rtsp-talk.ts';

const PASSWORD = 'p@ss word:1';
/** One a test, and as many for what is tried again. */
const CAMERAS = 20;
/** Time to live, and the second that an engine has to act. */
const LEFT_ALONE_MS = 1000 + 1000;

export function mediaEngineContract(name: EngineName): void {
  describe(`the ${name} engine`, () => {
    let simulator: Simulator;
    let node: EngineNode;
    let used = 0;

    beforeAll(async () => {
      simulator = await startSimulator({
        cameras: CAMERAS,
        basePort: 0,
        password: PASSWORD,
        discovery: false,
      });
      node = await EngineNode.start(name);
    });
    afterAll(async () => {
      await node?.[Symbol.asyncDispose]();
      await simulator?.close();
    });

    /** A camera that no other test has, desired. */
    function camera(change: Partial<DesiredStream> = {}) {
      const simulated = simulator.cameras[used];
      used += 1;
      if (simulated === undefined) throw new Error('there are not enough cameras');
      const path = `cam_${name}${used}`;
      node.want(desire(path, sourceOf(simulated), change));
      return { simulated, path };
    }

    async function watch(path: string, sid?: string): Promise<WhepViewer & { readonly token: string }> {
      const token = await node.token(path, sid === undefined ? {} : { sid });
      const viewer = await WhepViewer.open({ url: node.whepUrl(path), token });
      await eventually('pictures over WebRTC', () => viewer.counts.keyFrames > 0);
      return Object.assign(viewer, { token });
    }

    it('shows a desired stream, and tells what runs and who watches', async () => {
      const { path } = camera();
      const viewer = await watch(path, 'first');
      const state = await eventually('it is live', () => {
        const stream = node.stream(path);
        return stream?.health === 'live' && stream.bitsPerSecond > 0 ? stream : undefined;
      });
      expect(state).toMatchObject({ reason: 'live', detail: null, profile: 'main', fence: 1, width: 1280 });
      expect(state.codec).toMatch(/^avc1\.[0-9a-f]{6}$/i);
      expect((Date.now() - (state.lastFrameAt ?? 0)) / 1000).toBeLessThan(3);
      const session = await eventually('the view is told', () => {
        const one = node.session('first');
        return (one?.bytesSent ?? 0) > 0 && (one?.pictureSeconds ?? 0) > 0 ? one : undefined;
      });
      expect(session).toMatchObject({
        userId: 'alice',
        protocol: 'webrtc',
        path,
        clientAddress: '127.0.0.1',
      });
      const load = node.load();
      expect(load).toMatchObject({ webrtcViewers: 1, hlsViewers: 0, rtspViewers: 0 });
      expect(load.memoryBytes).toBeGreaterThan(0);
      expect(load.ingressBitsPerSecond).toBeGreaterThan(0);
      await viewer.close();
      await eventually('its end is told', () => node.endOf('first').length > 0);
      expect(node.endOf('first')).toEqual(['viewer_left']);
      node.drop(path);
    });

    it('pulls a camera once, whoever watches by whatever protocol, and leaves it alone when nobody does', async () => {
      const { path, simulated } = camera();
      const viewers = await Promise.all([watch(path), watch(path), watch(path)]);
      const hls = await playHls(node, path);
      const rtsp = await playRtsp(node, path);
      await eventually('everybody is counted', () => {
        const { hlsViewers, rtspViewers, webrtcViewers } = node.load();
        return webrtcViewers === 3 && hlsViewers === 1 && rtspViewers === 1;
      });
      expect(simulated.counts().profiles.main).toMatchObject({ play: 1, maxPlaying: 1 });
      // Control is away: nobody says that the stream is not wanted any more.
      node.engine.setControlConnected(false);
      await Promise.all(viewers.map((viewer) => viewer.close()));
      rtsp[Symbol.dispose]();
      expect((await fetch(hls.leave, { method: 'DELETE' })).status).toBe(204);
      await eventually('nobody is counted', () => {
        const { hlsViewers, rtspViewers, webrtcViewers } = node.load();
        return webrtcViewers + hlsViewers + rtspViewers === 0;
      });
      await eventually('TEARDOWN', () => simulated.counts().profiles.main.playing === 0, {
        // An HLS muxer of MediaMTX stays for ten seconds; a native one goes with its last viewer.
        withinMs: name === 'native' ? LEFT_ALONE_MS + 500 : 25_000,
      });
      const again = await watch(path);
      expect(simulated.counts().profiles.main.play).toBe(2);
      await again.close();
      node.engine.setControlConnected(true);
      node.drop(path);
    });

    it('does nothing when it is told the same again, and drops what is not named any more', async () => {
      const { path, simulated } = camera();
      const viewer = await watch(path, 'dropped');
      const before = viewer.counts.frames;
      for (let i = 0; i < 3; i += 1) node.want();
      await eventually('pictures go on', () => viewer.counts.frames > before + 20);
      expect(simulated.counts().profiles.main.play).toBe(1);
      node.drop(path);
      await eventually('TEARDOWN', () => simulated.counts().profiles.main.playing === 0);
      await eventually('its end is told', () => node.endOf('dropped').length > 0);
      expect(node.endOf('dropped')).toEqual(['stream_dropped']);
      expect(node.stream(path)).toBeUndefined();
      const refused = await offer(node, path, await node.token(path));
      expect(refused).toMatchObject({ status: 404, code: 'not_running' });
      await viewer.close('silently');
    });

    it('acts on the highest fence it saw, also after the stream was dropped', async () => {
      const { path, simulated } = camera({ fence: 5 });
      const viewer = await watch(path);
      await viewer.close();
      node.drop(path);
      node.want(desire(path, sourceOf(simulated), { fence: 4 }));
      expect(node.stream(path)).toBeUndefined();
      expect(await offer(node, path, await node.token(path))).toMatchObject({ code: 'not_running' });
      node.want(desire(path, sourceOf(simulated), { fence: 6 }));
      expect(node.stream(path)?.fence).toBe(6);
      await (await watch(path)).close();
      node.drop(path);
    });

    it('ends one view when it is told to, and nobody else', async () => {
      const { path } = camera();
      const [one, other] = [await watch(path, 'closed'), await watch(path)];
      node.engine.close('closed' as Parameters<typeof node.engine.close>[0], 'preempted');
      await eventually(
        'it is over',
        () => node.endOf('closed').length > 0 && node.session('closed') === undefined,
      );
      expect(node.endOf('closed')).toEqual(['preempted']);
      const stopped = one.counts.frames;
      const before = other.counts.frames;
      await eventually('the other goes on', () => other.counts.frames > before + 20);
      expect(one.counts.frames - stopped).toBeLessThan(20);
      await Promise.all([one.close('silently'), other.close()]);
      node.drop(path);
    });

    it('[V17] takes the picture within 5 s from who may not watch any more, by every protocol, for good', async () => {
      const { path } = camera();
      const viewer = await watch(path, 'gone');
      const hls = await playHls(node, path, 'gonehls');
      const rtsp = await playRtsp(node, path, 'gonertsp');
      const at = performance.now();
      for (const sid of ['gone', 'gonehls', 'gonertsp']) node.revoke(sid);
      await rtsp.closed;
      expect((await fetch(hls.playlist)).status).toBeGreaterThanOrEqual(400);
      await eventually('WebRTC is over', () => isSilent(viewer));
      expect((viewer.counts.lastFrameAt ?? 0) - at).toBeLessThan(5000);
      expect(node.endOf('gone')).toEqual(['revoked']);
      expect(node.endOf('gonehls')).toEqual(['revoked']);
      expect(node.endOf('gonertsp')).toEqual(['revoked']);
      expect(await offer(node, path, viewer.token)).toMatchObject({ code: 'session_revoked' });
      const talk = await RtspTalk.open(node.rtspPort);
      const { status } = await talk.ask('DESCRIBE', `${path}?token=${rtsp.token}`);
      expect(status).toBe(401);
      talk[Symbol.dispose]();
      await viewer.close('silently');
      node.drop(path);
    });

    it('[V5] has pictures again when a camera that went away is back', async () => {
      const { path, simulated } = camera({ pull: 'always-on' });
      const viewer = await watch(path);
      await eventually('it is live', () => node.stream(path)?.health === 'live');
      await simulated.fault({ kind: 'refuse' });
      const gone = await eventually('it is told that the camera is gone', () => {
        const stream = node.stream(path);
        return stream?.health === 'reconnecting' || stream?.health === 'offline' ? stream : undefined;
      });
      expect(gone.detail ?? '').not.toContain('p@ss');
      await simulated.fault({ kind: 'none' });
      await eventually('it is live again', () => node.stream(path)?.health === 'live', { withinMs: 15_000 });
      expect(node.stream(path)?.reconnects).toBeGreaterThan(0);
      const again = await watch(path);
      await Promise.all([viewer.close('silently'), again.close()]);
      node.drop(path);
    });

    it('lets nobody in without a token for that stream, and tells which it was', async () => {
      const { path } = camera();
      expect(await offer(node, path, undefined)).toMatchObject({ status: 401, code: 'unauthenticated' });
      expect(await offer(node, path, 'a.b.c')).toMatchObject({ status: 401, code: 'unauthenticated' });
      const foreign = await node.token('cam_other');
      expect(await offer(node, path, foreign)).toMatchObject({ status: 403, code: 'forbidden' });
      const hlsOnly = await node.token(path, { protocols: ['hls'] });
      expect(await offer(node, path, hlsOnly)).toMatchObject({ status: 403, code: 'forbidden' });
      const playlist = await fetch(`${node.address}/hls/${foreign}/${path}/index.m3u8`);
      expect(playlist.status).toBe(403);
      const talk = await RtspTalk.open(node.rtspPort);
      expect((await talk.ask('DESCRIBE', path)).head).toMatch(/Basic realm=/);
      expect((await talk.ask('DESCRIBE', path, basic('wrong'))).status).toBe(401);
      const { status } = await talk.ask('DESCRIBE', path, basic('right'));
      expect(status).toBe(200);
      talk[Symbol.dispose]();
      node.drop(path);
    });

    it('holds the limit of a stream by itself, and one connection a view', async () => {
      const { path } = camera({ maxWebrtcViewers: 1 });
      const first = await watch(path, 'one');
      expect(await offer(node, path, await node.token(path))).toMatchObject({ code: 'at_capacity' });
      const newer = await watch(path, 'one');
      await eventually('the older connection is over', () => isSilent(first));
      expect(node.session('one')).toBeDefined();
      await Promise.all([first.close('silently'), newer.close()]);
      node.drop(path);
    });

    it('pulls nothing while it is held, and goes on with what is desired when it may', async () => {
      const { path, simulated } = camera({ pull: 'always-on' });
      const viewer = await watch(path);
      node.engine.hold();
      await eventually('TEARDOWN', () => simulated.counts().profiles.main.playing === 0);
      await eventually('no picture', () => isSilent(viewer));
      node.engine.resume();
      const again = await watch(path);
      await Promise.all([viewer.close('silently'), again.close()]);
      node.drop(path);
    });

    it('calls a camera that is nowhere, or where no camera may be, by its reason', async () => {
      const port = await freePort();
      const nowhere = { kind: 'rtsp', url: `rtsp://127.0.0.1:${port}/x`, transport: 'tcp' } as const;
      const forbidden = { kind: 'rtsp', url: 'rtsp://169.254.169.254/x', transport: 'tcp' } as const;
      node.want(
        desire('cam_nowhere', nowhere, { pull: 'always-on' }),
        desire('cam_forbidden', forbidden, { pull: 'always-on' }),
      );
      await eventually('both are offline', () =>
        ['cam_nowhere', 'cam_forbidden'].every((path) => node.stream(path)?.health === 'offline'),
      );
      expect(node.stream('cam_nowhere')).toMatchObject({ reason: 'camera_refused', codec: null });
      expect(node.stream('cam_forbidden')).toMatchObject({ reason: 'source_not_allowed' });
      node.drop('cam_nowhere');
      node.drop('cam_forbidden');
    });

    it('takes what an encoder sends with the right password, and from nobody else', async () => {
      const path = `cam_pub${name}`;
      const source: StreamSource = { kind: 'publish', via: 'rtsp', username: 'enc', password: 'secret' };
      node.want(desire(path, source));
      await eventually('it waits', () => node.stream(path)?.reason === 'waiting_for_publisher');
      const wrong = publish(node, path, 'enc:wrong');
      const [code] = await once(wrong, 'exit');
      expect(code).not.toBe(0);
      const right = publish(node, path, 'enc:secret');
      await eventually('it is live', () => node.stream(path)?.health === 'live');
      const viewer = await watch(path);
      await viewer.close();
      right.kill('SIGTERM');
      await once(right, 'exit');
      await eventually('it waits again', () => node.stream(path)?.reason === 'waiting_for_publisher');
      node.drop(path);
    });
  });
}

/** No picture for a second, of a camera that sends many in one. */
function isSilent(viewer: WhepViewer): boolean {
  return performance.now() - (viewer.counts.lastFrameAt ?? 0) > 1000;
}

export function sourceOf(camera: SimulatedCamera): StreamSource {
  const { password, username } = camera;
  return { kind: 'rtsp', url: camera.rtspUrl('main'), username, password, transport: 'tcp' };
}

/** What the node says to an offer that it should refuse. */
async function offer(node: EngineNode, path: string, token: string | undefined) {
  const response = await fetch(node.whepUrl(path), {
    method: 'POST',
    headers: {
      'content-type': 'application/sdp',
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    body: 'v=0\r\n',
  });
  return { status: response.status, ...((await response.json()) as { code: string }) };
}

/** A player of HLS that has got a segment or part. */
async function playHls(node: EngineNode, path: string, sid?: string) {
  const only: readonly Protocol[] = ['hls'];
  const token = await node.token(path, { protocols: only, ...(sid === undefined ? {} : { sid }) });
  const index = `${node.address}/hls/${token}/${path}/index.m3u8`;
  const read = async (url: string) => {
    const response = await fetch(url);
    if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
    return response;
  };
  const multivariant = await eventually('a playlist', async () => (await read(index)).text());
  const media = multivariant.split('\n').find((line) => line !== '' && !line.startsWith('#'));
  const playlist = new URL(media ?? '', index).href;
  const uri = await eventually('a part', async () => {
    const text = await (await read(playlist)).text();
    return /#EXT-X-PART:.*URI="([^"]+)"/.exec(text)?.[1] ?? /^[^#].*$/m.exec(text)?.[0];
  });
  const part = await read(new URL(uri, playlist).href);
  expect((await part.arrayBuffer()).byteLength).toBeGreaterThan(100);
  return { playlist, leave: index.replace('/index.m3u8', '') };
}

/** A player over RTSP that gets packets, by its token in the address. */
async function playRtsp(node: EngineNode, path: string, sid?: string) {
  const token = await node.token(path, sid === undefined ? {} : { sid });
  const talk = await RtspTalk.open(node.rtspPort);
  const { status, head } = await talk.ask('DESCRIBE', `${path}?token=${token}`);
  if (status !== 200) throw new Error(head);
  const { head: setUp } = await talk.ask('SETUP', `${path}/trackID=0?token=${token}`, {
    Transport: 'RTP/AVP/TCP;unicast;interleaved=0-1',
  });
  const session = /^Session: ([\w-]+)/m.exec(setUp)?.[1] ?? '';
  await talk.ask('PLAY', path, { Session: session });
  await eventually('packets over RTSP', () => talk.packets > 10);
  return Object.assign(talk, { token });
}

function publish(node: EngineNode, path: string, user: string) {
  return spawn(
    'ffmpeg',
    [
      ...['-v', 'error', '-re', '-f', 'lavfi', '-i', 'testsrc2=s=320x240:r=15'],
      ...['-c:v', 'libx264', '-preset', 'ultrafast', '-bf', '0', '-g', '15', '-pix_fmt', 'yuv420p'],
      ...['-f', 'rtsp', '-rtsp_transport', 'tcp', `rtsp://${user}@127.0.0.1:${node.rtspPort}/${path}`],
    ],
    { stdio: 'ignore' },
  );
}

function basic(password: string): Readonly<Record<string, string>> {
  return { Authorization: `Basic ${Buffer.from(`anybody:${password}`).toString('base64')}` };
}
