// The dialects in which cameras want to hear that we live: media-quirks (a).
import { playRtsp, type RtspPlayback } from '@vedette/rtsp';
import { describe, expect, test } from 'vitest';
import { type CameraScript, ScriptedCamera } from '../../simulators/testing/scripted-camera.ts';
import { eventually } from '../support/eventually.ts';
import { HeldClock } from '../support/held-clock.ts';
import { loopbackDial } from '../support/pulling.ts';
import { stillPackets } from './still-picture.ts';

const PUBLIC = 'OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN';

async function playing(script: CameraScript) {
  const camera = await ScriptedCamera.start(script);
  const clock = new HeldClock();
  const packets: Uint8Array[] = [];
  const playback: RtspPlayback = await playRtsp({
    url: camera.url,
    transport: 'tcp',
    dial: loopbackDial,
    clock,
    signal: new AbortController().signal,
    onMedia: () => undefined,
    onRtp: (_kind, data) => void packets.push(data),
    onRtcp: () => undefined,
  });
  const kept = () => camera.requests.slice(3);
  return {
    camera,
    playback,
    packets,
    kept,
    /** The next keep-alive is due; resolves once the camera has it. */
    beat: async (ms = 30_000) => {
      const before = kept().length;
      await clock.pass(ms);
      await eventually('a keep-alive', () => kept().length > before);
      // Its answer is on its way.
      await new Promise((resolve) => setTimeout(resolve, 20));
    },
    clock,
    async [Symbol.asyncDispose]() {
      await playback.close();
      await camera[Symbol.asyncDispose]();
    },
  };
}

const methodsOf = (kept: readonly { method: string }[]) => kept.map(({ method }) => method);

describe('keep-alive', () => {
  test('a session without a timeout is held for 60 s: the first sign of life comes after 30 s, of the session, with OPTIONS', async () => {
    await using it = await playing({
      answer: ({ method, headers }) =>
        method === 'SETUP'
          ? {
              headers: [
                ['Transport', headers.get('transport') ?? ''],
                ['Session', 'abc'],
              ],
            }
          : undefined,
    });
    await it.clock.pass(29_900);
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(it.kept()).toEqual([]);
    await it.beat(100);
    const [first] = it.kept();
    expect(first?.method).toBe('OPTIONS');
    expect(first?.url).toBe(`${it.camera.url}/`);
    expect(first?.headers.get('session')).toBe('abc');
  });

  test('half of a short timeout is kept', async () => {
    await using it = await playing({
      answer: ({ method, headers }) =>
        method === 'SETUP'
          ? {
              headers: [
                ['Transport', headers.get('transport') ?? ''],
                ['Session', 'abc; timeout = 10'],
              ],
            }
          : undefined,
    });
    await it.beat(5000);
    await it.beat(5000);
    expect(it.kept()).toHaveLength(2);
  });

  test('GET_PARAMETER is used only where Public names it', async () => {
    await using plain = await playing({
      answer: ({ method }) => (method === 'OPTIONS' ? { headers: [['Public', PUBLIC]] } : undefined),
    });
    for (let i = 0; i < 3; i += 1) await plain.beat();
    expect(methodsOf(plain.kept())).toEqual(['OPTIONS', 'OPTIONS', 'OPTIONS']);

    await using knows = await playing({
      answer: ({ method }) =>
        method === 'OPTIONS' ? { headers: [['Public', `${PUBLIC}, GET_PARAMETER`]] } : undefined,
    });
    for (let i = 0; i < 2; i += 1) await knows.beat();
    expect(methodsOf(knows.kept())).toEqual(['OPTIONS', 'GET_PARAMETER']);
  });

  test.each([405, 454, 501])('a %i changes the method, not the connection', async (status) => {
    await using it = await playing({
      answer: ({ method }) => (method === 'OPTIONS' ? { status } : undefined),
    });
    for (let i = 0; i < 3; i += 1) await it.beat();
    const [first, ...rest] = methodsOf(it.kept());
    expect(first).toBe('OPTIONS');
    expect(new Set(rest)).toEqual(new Set(['GET_PARAMETER']));
    expect(it.camera.connections).toBe(1);
    expect(it.camera.connectionsOpen).toBe(1);
  });

  test('answers are never waited for: media goes on, and so do the signs of life', async () => {
    await using it = await playing({
      answer: ({ method }) => (['OPTIONS', 'GET_PARAMETER'].includes(method) ? null : undefined),
    });
    for (let i = 0; i < 4; i += 1) await it.beat();
    it.camera.each((client) => {
      for (const packet of stillPackets()) client.packet(packet);
    });
    await eventually('the media', () => it.packets.length === stillPackets().length);
    expect(it.camera.connectionsOpen).toBe(1);
  });
});
