// When the simulated cameras make key frames.
import { describe, expect, it } from 'vitest';
import { readNals, readPacket } from '../../simulators/testing/depacketize.ts';
import type { RawRtspClient } from '../../simulators/testing/raw-rtsp-client.ts';
import {
  callOnvif,
  cameraOf,
  connectOnvif,
  connectRtsp,
  startTestSimulator,
} from '../../simulators/testing/simulator-kit.ts';
import { eventually } from '../support/eventually.ts';

/** True when the picture in these packets can be decoded from scratch. */
function beginsWithKey(client: RawRtspClient): boolean {
  const first = client.frames.filter(({ channel }) => channel === 0).map(({ bytes }) => readPacket(bytes));
  const picture = first.filter(({ timestamp }) => timestamp === first[0]?.timestamp);
  return readNals(picture).some((nal) => ((nal[0] ?? 0) & 31) === 5);
}

const rtpOf = (client: RawRtspClient) => client.frames.filter(({ channel }) => channel === 0);
describe('key frames', () => {
  it('come first for the only client of a profile; a later one joins where the picture is', async () => {
    await using simulator = await startTestSimulator();
    const camera = cameraOf(simulator);
    const first = await connectRtsp(camera);
    await first.play();
    await eventually('the first has pictures', () => rtpOf(first).length > 60);
    expect(beginsWithKey(first)).toBe(true);
    await eventually('a moment within the GOP', () => {
      const place = camera.timeline('main').frame % 30;
      return place > 2 && place < 15;
    });
    const second = await connectRtsp(camera);
    await second.play();
    await eventually('the second has pictures', () => rtpOf(second).length > 3);
    expect(beginsWithKey(second)).toBe(false);
    first.close();
    second.close();
  });

  it('are only the scheduled ones with keyFrameOnPlay off', async () => {
    await using simulator = await startTestSimulator({ keyFrameOnPlay: false });
    const camera = cameraOf(simulator);
    await eventually('a moment within the GOP', () => {
      const place = camera.timeline('main').frame % 30;
      return place > 2 && place < 15;
    });
    const client = await connectRtsp(camera);
    await client.play();
    await eventually('pictures', () => rtpOf(client).length > 3);
    expect(beginsWithKey(client)).toBe(false);
    client.close();
  });

  it.each(['ONVIF SetSynchronizationPoint', 'RTSP Renew-Stream'])('are made on %s', async (way) => {
    await using simulator = await startTestSimulator();
    const camera = cameraOf(simulator);
    const client = await connectRtsp(camera);
    await client.play();
    await eventually('a few pictures', () => camera.counts().profiles.main.pictures > 5);
    if (way === 'RTSP Renew-Stream') await client.request('SET_PARAMETER', { body: 'Renew-Stream: yes\r\n' });
    else await callOnvif(await connectOnvif(camera), 'setSynchronizationPoint', {});
    const sent = camera.counts().profiles.main.pictures;
    await eventually('the next pictures', () => camera.counts().profiles.main.pictures > sent + 2);
    expect(
      camera
        .timeline('main')
        .recent.slice(sent, sent + 2)
        .some(({ frame }) => frame % 30 === 0),
    ).toBe(true);
    client.close();
  });
});
