// A stream handed on from one node to another: the real connection, TLS and all, on loopback.
import { fileURLToPath } from 'node:url';
import type { EncodedFrame } from '@vedette/media-types';
import { afterEach, describe, expect, it } from 'vitest';
import { AUDIO, audio, VIDEO, video } from '../../apps/media-node/src/hub/frames.fixture.ts';
import { ClipFeeder } from '../support/clip-feeder.ts';
import { eventually } from '../support/eventually.ts';
import { RelayPair, type RelayPairOptions, Taken } from '../support/relay-pair.ts';

const CLIP = fileURLToPath(new URL('../../fixtures/clips/gate-main.h264', import.meta.url));

let pair: RelayPair;
const open = async (options: RelayPairOptions = {}) => {
  pair = await RelayPair.open(options);
  return pair;
};
/** Whatever kind of bytes. */
const plain = (frame: EncodedFrame) => ({ ...frame, data: Buffer.from(frame.data).toString('hex') });
afterEach(async () => {
  await pair[Symbol.asyncDispose]();
});

describe.each(['taker', 'giver'] as const)('a relay whose connection the %s opens', (opens) => {
  it('hands on every frame as it is, capture time and all, beginning with the current GOP', async () => {
    await open({ opens });
    const { hub } = pair.stream('cam_a');
    hub.tracks([VIDEO, AUDIO]);
    const sent = [video(0, true, 50_000), video(1), audio(1), video(2)];
    for (const frame of sent) hub.frame(frame);
    await using taken = new Taken(pair.source('cam_a'));
    await eventually('the GOP came', () => taken.frames.length === sent.length || taken.isOver);
    hub.frame(video(3, true));
    await eventually('and what follows', () => taken.frames.length === sent.length + 1 || taken.isOver);
    expect(taken.failure).toBeUndefined();
    expect(taken.trackCalls).toEqual([[VIDEO, AUDIO]]);
    expect(taken.frames.map(plain)).toEqual([...sent, video(3, true)].map(plain));
  });

  it('carries many streams over one connection', async () => {
    await open({ opens });
    const paths = Array.from({ length: 40 }, (_, i) => `cam_${i}`);
    const cameras = paths.map((path) => new ClipFeeder({ file: CLIP, fps: 15, sink: pair.stream(path).hub }));
    const taken = paths.map((path) => new Taken(pair.source(path)));
    await eventually('pictures of all', () => taken.every(({ frames }) => frames.length > 20));
    expect(taken.every(({ frames }) => frames[0]?.key)).toBe(true);
    expect(pair.out.takersOf('cam_7')).toBe(1);
    await Promise.all(taken.map((one) => one.stop()));
    for (const camera of cameras) camera[Symbol.dispose]();
    await eventually('nobody takes any more', () => paths.every((path) => pair.out.takersOf(path) === 0));
  });
});
