import { fileURLToPath } from 'node:url';
import type { FrameSink, Track } from '@vedette/media-types';
import { silentLog, systemClock } from '@vedette/runtime';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AudioRenditions } from '../../apps/media-node/src/ffmpeg/audio/audio-renditions.ts';
import { FfmpegJobs } from '../../apps/media-node/src/ffmpeg/ffmpeg-jobs.ts';
import type { StreamHub } from '../../apps/media-node/src/hub/stream-hub.ts';
import { Chromium } from '../support/chromium.ts';
import { ClipFeeder } from '../support/clip-feeder.ts';
import { eventually } from '../support/eventually.ts';
import {
  feedLinearTone,
  feedOpusTone,
  feedPcmuTone,
  LINEAR_TONE,
  OPUS_TONE,
  PCMU_TONE,
} from '../support/tone-feeder.ts';
import { WhepNode } from '../support/whep-node.ts';

const CLIP = fileURLToPath(new URL('../../fixtures/clips/gate-sub.h264', import.meta.url));

function withSound(hub: StreamHub, sound: Track): FrameSink {
  return { tracks: (tracks) => hub.tracks([...tracks, sound]), frame: (frame) => hub.frame(frame) };
}

interface Heard {
  readonly energy: number;
  readonly concealed: number;
  readonly codec: string;
  /** Ms between what is heard and what is seen, by the time of capture; positive when sound lags. */
  readonly skewMs: number;
  readonly pictures: number;
}

describe('sound in Chromium, over WebRTC', () => {
  let node: WhepNode;
  let chromium: Chromium;
  let page: Page;
  const opened: Disposable[] = [];

  beforeAll(async () => {
    const jobs = new FfmpegJobs({ ffmpegPath: 'ffmpeg', limit: 2, clock: systemClock, log: silentLog() });
    node = await WhepNode.start({
      renditions: new AudioRenditions({ jobs, clock: systemClock, random: Math.random, log: silentLog() }),
    });
    const [opus, pcmu] = [node.hub('cam_opus'), node.hub('cam_pcmu')];
    opened.push(new ClipFeeder({ file: CLIP, fps: 15, sink: withSound(opus, OPUS_TONE) }));
    opened.push(await feedOpusTone((frame) => opus.frame(frame)));
    opened.push(new ClipFeeder({ file: CLIP, fps: 15, sink: withSound(pcmu, PCMU_TONE) }));
    opened.push(feedPcmuTone((frame) => pcmu.frame(frame)));
    const linear = node.hub('cam_linear');
    opened.push(new ClipFeeder({ file: CLIP, fps: 15, sink: withSound(linear, LINEAR_TONE) }));
    opened.push(feedLinearTone((frame) => linear.frame(frame)));
    opened.push(new ClipFeeder({ file: CLIP, fps: 15, sink: node.hub('cam_silent') }));
    const radio = node.hub('cam_radio');
    radio.tracks([PCMU_TONE]);
    opened.push(feedPcmuTone((frame) => radio.frame(frame)));
    chromium = await Chromium.launch();
    page = await chromium.context.newPage();
  });
  afterAll(async () => {
    for (const one of opened) one[Symbol.dispose]();
    await chromium?.close();
    await node?.[Symbol.asyncDispose]();
  });

  /** Plays `path` in the page as `name`; resolves with the ms until the first picture, when there is one to come. */
  async function play(name: string, path: string, kinds: readonly ('video' | 'audio')[], picture = true) {
    const offer = await page.evaluate(
      async ({ name, kinds }) => {
        const peer = new RTCPeerConnection({ bundlePolicy: 'max-bundle' });
        const video = document.createElement('video');
        video.autoplay = true;
        video.srcObject = new MediaStream(
          kinds.map((kind) => peer.addTransceiver(kind, { direction: 'recvonly' }).receiver.track),
        );
        document.body.append(video);
        Object.assign(window, { [name]: { peer, video } });
        await peer.setLocalDescription();
        return peer.localDescription?.sdp ?? '';
      },
      { name, kinds },
    );
    const response = await fetch(node.url(path), {
      method: 'POST',
      headers: { authorization: `Bearer ${name}`, 'content-type': 'application/sdp' },
      body: offer,
    });
    expect(response.status).toBe(201);
    return page.evaluate(
      async ({ name, answer, picture }) => {
        const { peer, video } = Reflect.get(window, name);
        const from = performance.now();
        const seen = picture && new Promise((resolve) => video.requestVideoFrameCallback(resolve));
        await peer.setRemoteDescription({ type: 'answer', sdp: answer });
        // A section that was answered as inactive never brings anything, but an element that has its track waits for it.
        const active = peer
          .getTransceivers()
          .filter((one: RTCRtpTransceiver) => one.currentDirection !== 'inactive');
        if (active.length < peer.getTransceivers().length)
          video.srcObject = new MediaStream(active.map((one: RTCRtpTransceiver) => one.receiver.track));
        await seen;
        return performance.now() - from;
      },
      { name, answer: await response.text(), picture },
    );
  }

  const heard = (name: string): Promise<Heard> =>
    page.evaluate(async (name) => {
      const { peer } = Reflect.get(window, name);
      const stats = [...(await peer.getStats()).values()];
      const of = (kind: string) => stats.find((one) => one.type === 'inbound-rtp' && one.kind === kind);
      const [audio, video] = [of('audio'), of('video')];
      return {
        energy: audio?.totalAudioEnergy ?? 0,
        concealed: (audio?.concealedSamples ?? 0) / (audio?.totalSamplesReceived ?? 1),
        codec: stats.find((one) => one.id === audio?.codecId)?.mimeType ?? '',
        skewMs:
          (video?.estimatedPlayoutTimestamp ?? Number.NaN) - (audio?.estimatedPlayoutTimestamp ?? Number.NaN),
        pictures: video?.framesDecoded ?? 0,
      };
    }, name);

  it.each([
    ['opus', 'audio/opus'],
    ['pcmu', 'audio/PCMU'],
    ['linear', 'audio/opus'],
  ])(
    'is heard in sync with the pictures, as the camera sends it or made into Opus (%s)',
    async (codec, mimeType) => {
      await play(codec, `cam_${codec}`, ['video', 'audio']);
      const result = await eventually(
        'a tone, in sync with the pictures: browsers bring late sound and pictures together bit by bit',
        async () => {
          const now = await heard(codec);
          return now.energy > 0.05 && now.pictures > 30 && Math.abs(now.skewMs) < 120 && now;
        },
        { withinMs: 10_000 },
      );
      console.log(`${codec}: ${JSON.stringify(result)}`);
      expect(result.codec).toBe(mimeType);
      expect(result.concealed).toBeLessThan(0.2);
    },
  );

  it('does not hold pictures back when the camera turns out to have none', async () => {
    const without = await play('plain', 'cam_silent', ['video']);
    const awaited = await play('awaited', 'cam_silent', ['video', 'audio']);
    console.log(
      `first picture: ${without.toFixed(0)} ms without, ${awaited.toFixed(0)} ms with a section for sound`,
    );
    expect(awaited).toBeLessThan(without + 200);
    const before = await heard('awaited');
    await eventually('pictures go on', async () => (await heard('awaited')).pictures > before.pictures + 15);
  });

  it('is all there is of a radio', async () => {
    await play('radio', 'cam_radio', ['video', 'audio'], false);
    await eventually('the tone', async () => (await heard('radio')).energy > 0.01, { withinMs: 6000 });
  });
});
