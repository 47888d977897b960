// Each fault of a simulated camera does what it says, and ends.
import type { Simulator } from '@vedette/simulators';
import { describe, expect, it } from 'vitest';
import { readPacket } from '../../simulators/testing/depacketize.ts';
import type { RawRtspClient } from '../../simulators/testing/raw-rtsp-client.ts';
import {
  callOnvif,
  cameraOf,
  connectOnvif,
  connectRtsp,
  startTestSimulator,
} from '../../simulators/testing/simulator-kit.ts';
import { eventually } from '../support/eventually.ts';

const rtpOf = (client: RawRtspClient) => client.frames.filter(({ channel }) => channel === 0);

/** Resolves when another camera has sent ten pictures meanwhile: time enough for one that should not send. */
async function whileAnotherPlays(simulator: Simulator): Promise<void> {
  const other = await connectRtsp(cameraOf(simulator, 2));
  await other.play();
  await eventually('the other plays', () => cameraOf(simulator, 2).counts().profiles.main.pictures >= 10);
  other.close();
}

describe('a camera at fault', () => {
  it('refuses connections, loses those it had, and comes back', async () => {
    await using simulator = await startTestSimulator();
    const camera = cameraOf(simulator);
    const client = await connectRtsp(camera);
    await client.play();
    await camera.fault({ kind: 'refuse' });
    await eventually('the connection is closed', () => client.closed);
    await expect(connectRtsp(camera)).rejects.toThrow('ECONNREFUSED');
    await expect(fetch(`http://127.0.0.1:${camera.onvif.port}/`)).rejects.toThrow();
    await camera.fault({ kind: 'none' });
    const again = await connectRtsp(camera);
    await again.play();
    again.close();
  });

  it('hangs: connects, answers nothing, sends nothing, keeps what is open', async () => {
    await using simulator = await startTestSimulator({ cameras: 2 });
    const camera = cameraOf(simulator);
    const playing = await connectRtsp(camera);
    await playing.play();
    await eventually('pictures', () => playing.frames.length > 0);
    await camera.fault({ kind: 'hang' });
    const { pictures } = camera.counts().profiles.main;
    const client = await connectRtsp(camera);
    let answered = false;
    void client.send('OPTIONS').then(() => {
      answered = true;
    });
    const http = fetch(`http://127.0.0.1:${camera.onvif.port}/onvif/device_service`, {
      method: 'POST',
      body: 'x',
      signal: AbortSignal.timeout(500),
    });
    await expect(http).rejects.toThrow('timeout');
    await whileAnotherPlays(simulator);
    expect(answered).toBe(false);
    expect([client.closed, playing.closed]).toEqual([false, false]);
    expect(camera.counts().profiles.main.pictures).toBe(pictures);
    client.close();
    playing.close();
  });

  it('drops its connections once, by FIN or by RST', async () => {
    await using simulator = await startTestSimulator();
    const camera = cameraOf(simulator);
    for (const reset of [false, true]) {
      const client = await connectRtsp(camera);
      await client.play();
      await camera.fault({ kind: 'drop', reset });
      await eventually('it is closed', () => client.closed);
      expect(client.closeError).toBe(reset ? 'ECONNRESET' : undefined);
    }
    expect(camera.counts().profiles.main).toMatchObject({ play: 2, teardown: 0, ended: 2 });
  });

  it('freezes and thaws: requests are answered, pictures stop, then go on without a gap in sequence', async () => {
    await using simulator = await startTestSimulator({ cameras: 2 });
    const camera = cameraOf(simulator);
    const client = await connectRtsp(camera);
    await client.play();
    await eventually('pictures', () => rtpOf(client).length > 30);
    await camera.fault({ kind: 'freeze' });
    const frozen = camera.counts().profiles.main.pictures;
    expect((await client.request('GET_PARAMETER')).status).toBe(200);
    await whileAnotherPlays(simulator);
    expect(camera.counts().profiles.main.pictures).toBe(frozen);
    await camera.fault({ kind: 'none' });
    await eventually('pictures again', () => camera.counts().profiles.main.pictures > frozen + 3);
    const sequences = rtpOf(client).map(({ bytes }) => readPacket(bytes).sequence);
    expect(sequences).toEqual(sequences.map((_, i) => ((sequences[0] ?? 0) + i) & 0xffff));
    client.close();
  });

  it('rejects the right password on RTSP, ONVIF and the snapshot, and lets pictures flow on', async () => {
    await using simulator = await startTestSimulator();
    const camera = cameraOf(simulator);
    const playing = await connectRtsp(camera);
    await playing.play();
    await camera.fault({ kind: 'wrong-password' });
    const client = await connectRtsp(camera);
    expect((await client.request('DESCRIBE')).status).toBe(401);
    await expect(connectOnvif(camera).then((cam) => callOnvif(cam, 'getProfiles'))).rejects.toThrow(
      'not authorized',
    );
    const { pictures } = camera.counts().profiles.main;
    await eventually('pictures flow on', () => camera.counts().profiles.main.pictures > pictures + 2);
    await camera.fault({ kind: 'none' });
    expect((await client.request('DESCRIBE')).status).toBe(200);
    client.close();
    playing.close();
  });

  it('restarts on the same ports with new RTP state', async () => {
    await using simulator = await startTestSimulator();
    const camera = cameraOf(simulator);
    const url = camera.rtspUrl('main');
    const { ssrc } = camera.timeline('main');
    const client = await connectRtsp(camera);
    await client.play();
    const downMs = 400;
    const at = performance.now();
    await camera.fault({ kind: 'restart', downMs });
    await eventually('the client lost its connection', () => client.closed);
    await expect(connectRtsp(camera)).rejects.toThrow('ECONNREFUSED');
    expect(camera.currentFault).toBe('restart');
    const again = await eventually('it is back', () => connectRtsp(camera));
    expect(performance.now() - at).toBeGreaterThanOrEqual(downMs - 5);
    expect(camera.rtspUrl('main')).toBe(url);
    expect(camera.currentFault).toBe('none');
    await again.play();
    expect(camera.timeline('main').ssrc).not.toBe(ssrc);
    again.close();
  });

  it('is slow: answers and pictures come late by as much as it was told', async () => {
    await using simulator = await startTestSimulator();
    const camera = cameraOf(simulator);
    await camera.fault({ kind: 'slow', delayMs: 300 });
    const client = await connectRtsp(camera);
    const at = performance.now();
    await client.play();
    // DESCRIBE twice (the first is the challenge), SETUP, PLAY
    expect(performance.now() - at).toBeGreaterThanOrEqual(4 * 300 - 10);
    const [picture] = await eventually('a picture', () => rtpOf(client).length > 0 && rtpOf(client));
    const { timestamp } = readPacket(picture?.bytes ?? Buffer.alloc(12));
    const sent = camera.timeline('main').recent.find(({ rtp }) => rtp === timestamp);
    expect(Date.now() - (sent?.sentAtMs ?? Date.now())).toBeGreaterThanOrEqual(295);
    client.close();
  });
});
