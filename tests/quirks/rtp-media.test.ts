// What cameras do to their RTP packets, from the wire to the frames of the node: media-quirks (b).
import { splitLengthPrefixed } from '@vedette/bitstream';
import { describe, expect, test } from 'vitest';
import {
  aggregate,
  Camera,
  fragments,
  hex,
  OTHER_SPS,
  PPS,
  rtp,
  SEI,
  SPS,
  slice,
} from '../../packages/rtp/src/rtp.fixture.ts';
import { H264_SDP, ScriptedCamera } from '../../simulators/testing/scripted-camera.ts';
import { eventually } from '../support/eventually.ts';
import { Pull } from '../support/pulling.ts';
import { sendAll } from './still-picture.ts';

const idr = slice('idr', 1);
const p = (n: number) => slice('p', n);
const FRAME_TICKS = 6000;
/** Ends what is tested: a key frame that no test uses, and one after it, so that it is whole without a marker. */
const LAST = slice('idr', 99);

/** All pictures that a node makes of these packets. */
async function received(camera: Camera, options: { sdp?: string } = {}): Promise<Pull> {
  camera.send([SPS, PPS, LAST]).send([p(98)]);
  await using scripted = await ScriptedCamera.start({
    ...(options.sdp === undefined ? {} : { sdp: options.sdp }),
    onPlay: (client) => sendAll(client, camera.packets),
  });
  const pull = new Pull({ url: scripted.url, transport: 'tcp' });
  const last = Buffer.from(LAST).toString('hex');
  await eventually('the last picture', () => pull.nals.some((nals) => nals.includes(last)), { everyMs: 5 });
  await pull[Symbol.asyncDispose]();
  return pull;
}

/** Those before the one that ends the test. */
function pictures(pull: Pull): string[][] {
  const last = Buffer.from(LAST).toString('hex');
  const { nals } = pull;
  return nals.slice(
    0,
    nals.findIndex((one) => one.includes(last)),
  );
}
const steps = (pull: Pull) =>
  pull.video.slice(1).map((frame, i) => frame.dtsTicks - (pull.video[i]?.dtsTicks ?? 0));

describe('time stamps', () => {
  test('a stamp that wraps goes on as if it had not', async () => {
    const camera = new Camera();
    camera.timestamp = 0xffff_ffff - FRAME_TICKS;
    camera.send([SPS, PPS, idr]);
    for (let n = 2; n < 6; n += 1) camera.send([p(n)]);
    expect(new Set(steps(await received(camera)))).toEqual(new Set([FRAME_TICKS]));
  });

  test('a frame more than 5 s off its neighbours is stamped anew (Intelbras)', async () => {
    const camera = new Camera().send([SPS, PPS, idr]).send([p(2)]);
    const right = camera.timestamp;
    camera.timestamp = (right + 90_000 * 3600) >>> 0;
    camera.send([p(3)]);
    camera.timestamp = (right + FRAME_TICKS) >>> 0;
    camera.send([p(4)]).send([p(5)]);
    const pull = await received(camera);
    expect(pictures(pull)).toHaveLength(5);
    expect(new Set(steps(pull))).toEqual(new Set([FRAME_TICKS]));
  });

  test('three in a row are a new time line, joined to the old one, and times never go back (Tapo)', async () => {
    const camera = new Camera()
      .send([SPS, PPS, idr])
      .send([p(2)])
      .send([p(3)]);
    camera.timestamp = 1234;
    for (let n = 4; n < 12; n += 1) camera.send([p(n)]);
    const pull = await received(camera);
    expect(pictures(pull)).toHaveLength(11);
    const between = steps(pull);
    expect(Math.min(...between)).toBeGreaterThan(0);
    expect(Math.max(...between)).toBeLessThanOrEqual(90_000);
  });
});

describe('the end of a picture', () => {
  test('a marker on SPS, PPS or SEI is ignored (Tapo, Reolink Duo 2, Ivel)', async () => {
    const camera = new Camera();
    for (let n = 0; n < 3; n += 1) camera.send([SPS, PPS, SEI, slice('idr', n)], { marker: true });
    expect(pictures(await received(camera))).toEqual(
      [0, 1, 2].map((n) => hex([SPS, PPS, SEI, slice('idr', n)])),
    );
  });

  test('no marker at all works (FLIR)', async () => {
    const camera = new Camera()
      .send([SPS, PPS, idr], { marker: 'never' })
      .send([p(2)], { marker: 'never' })
      .send([p(3)], { marker: 'never' });
    expect(pictures(await received(camera))).toEqual([hex([SPS, PPS, idr]), hex([p(2)]), hex([p(3)])]);
  });

  test('SPS and IDR with different stamps are one picture', async () => {
    const camera = new Camera()
      .send([SPS])
      .send([PPS])
      .send([idr])
      .send([p(2)]);
    expect(pictures(await received(camera))).toEqual([hex([SPS, PPS, idr]), hex([p(2)])]);
  });

  test('several slices are one picture', async () => {
    const key = [slice('idr', 1), slice('idr', 2, 40, false), slice('idr', 3, 40, false)];
    const next = [slice('p', 4), slice('p', 5, 40, false)];
    const camera = new Camera().send([SPS, PPS, ...key]).send(next);
    expect(pictures(await received(camera))).toEqual([hex([SPS, PPS, ...key]), hex(next)]);
  });
});

describe('loss', () => {
  test('a picture that lost a packet and all until the next key frame are dropped, and the loss is counted: nothing smears', async () => {
    const camera = new Camera().send([SPS, PPS, idr]);
    camera.send(fragments(slice('p', 2, 900), 300));
    camera.packets.splice(-2, 1);
    camera.send([p(3)]).send([p(4)]);
    camera.send([SPS, PPS, slice('idr', 5)]).send([p(6)]);
    const pull = await received(camera);
    expect(pictures(pull)).toEqual([hex([SPS, PPS, idr]), hex([SPS, PPS, slice('idr', 5)]), hex([p(6)])]);
    expect(pull.source.packetsLost).toBe(1);
  });

  test('a picture lost whole drops what follows it, too', async () => {
    const camera = new Camera().send([SPS, PPS, idr]).send([p(2)]);
    camera.packets.pop();
    camera.send([p(3)]).send([SPS, PPS, slice('idr', 4)]);
    const pull = await received(camera);
    expect(pictures(pull)).toEqual([hex([SPS, PPS, idr]), hex([SPS, PPS, slice('idr', 4)])]);
    expect(pull.source.packetsLost).toBe(1);
  });
});

describe('Annex B where it does not belong', () => {
  const annexB = (...nals: readonly Uint8Array[]) =>
    Uint8Array.from(nals.flatMap((nal) => [0, 0, 0, 1, ...nal]));

  test('a packet that holds a whole picture behind start codes is taken apart (V380)', async () => {
    const camera = new Camera().send([annexB(SPS, PPS, idr)]).send([p(2)]);
    expect(pictures(await received(camera))).toEqual([hex([SPS, PPS, idr]), hex([p(2)])]);
  });

  test('the same in fragments, behind an SPS header, with zeros at its end (Amatek, Mercury)', async () => {
    const hidden = Uint8Array.of(...SPS, ...annexB(PPS, idr), 0, 0, 0);
    const camera = new Camera().send(fragments(hidden, 30)).send([p(2)]);
    expect(pictures(await received(camera))).toEqual([hex([SPS, PPS, idr]), hex([p(2)])]);
  });

  test('start codes in the sprop of the SDP are taken apart', async () => {
    const sprop = [annexB(SPS), annexB(PPS)].map((nal) => Buffer.from(nal).toString('base64')).join(',');
    const sdp = H264_SDP.replace(
      'packetization-mode=1',
      `packetization-mode=1;sprop-parameter-sets=${sprop}`,
    );
    const pull = await received(new Camera().send([idr]).send([p(2)]), { sdp });
    expect(pictures(pull)).toEqual([hex([SPS, PPS, idr]), hex([p(2)])]);
  });
});

describe('parameter sets', () => {
  const withSprop = (sprop: string) =>
    H264_SDP.replace('packetization-mode=1', `packetization-mode=1;sprop-parameter-sets=${sprop}`);
  const base64 = (...nals: readonly Uint8Array[]) =>
    nals.map((nal) => Buffer.from(nal).toString('base64')).join(',');

  test('those of the SDP are told before the first picture, and stand before it', async () => {
    const pull = await received(new Camera().send([idr]).send([p(2)]), { sdp: withSprop(base64(SPS, PPS)) });
    expect(pull.videoTracks[0]).toMatchObject({ width: 1280, height: 720 });
    expect(pictures(pull)[0]).toEqual(hex([SPS, PPS, idr]));
  });

  test.each([
    ['empty', ','],
    ['no base64', '***,!!!'],
    ['an SPS that says nothing', base64(Uint8Array.of(0x67, 0x42), PPS)],
    ['of another kind', base64(SEI, SEI)],
  ])(
    'bad ones in the SDP (%s) are ignored, those of the stream count (Hikvision, VStarcam)',
    async (_what, sprop) => {
      const pull = await received(new Camera().send([SPS, PPS, idr]), { sdp: withSprop(sprop) });
      expect(pull.videoTracks[0]).toMatchObject({ width: 1280, height: 720 });
      expect(pictures(pull)).toEqual([hex([SPS, PPS, idr])]);
    },
  );

  test('pictures before any parameter set are waited out', async () => {
    const camera = new Camera()
      .send([slice('idr', 7)])
      .send([p(8)])
      .send([SPS, PPS, idr]);
    expect(pictures(await received(camera))).toEqual([hex([SPS, PPS, idr])]);
  });

  test('a change in the middle is told before its key frame, which carries the new ones', async () => {
    const camera = new Camera().send([SPS, PPS, idr]).send([p(2)]);
    camera.send([aggregate([OTHER_SPS, PPS]), slice('idr', 3)]).send([p(4)]);
    const pull = await received(camera);
    expect(pull.videoTracks.map(({ width }) => width).slice(0, 2)).toEqual([1280, 320]);
    const changed = pull.video[2];
    expect(changed?.key).toBe(true);
    expect(hex(splitLengthPrefixed(changed?.data ?? new Uint8Array()))).toEqual(
      hex([OTHER_SPS, PPS, slice('idr', 3)]),
    );
  });
});

describe('payloads that nobody should send', () => {
  test('STAP-A with zeros at its end is read; MTAP, STAP-B and FU-B are counted and skipped, nothing breaks', async () => {
    const camera = new Camera().send([Uint8Array.of(...aggregate([SPS, PPS]), 0, 0, 0), idr]);
    for (const type of [25, 26, 27, 29, 30, 31]) {
      camera.packets.push(
        rtp({
          sequence: camera.sequence,
          timestamp: camera.timestamp,
          payload: Uint8Array.of(type, 1, 2, 3),
        }),
      );
      camera.sequence = (camera.sequence + 1) & 0xffff;
    }
    camera.send([p(2)]);
    expect(pictures(await received(camera))).toEqual([hex([SPS, PPS, idr]), hex([p(2)])]);
  });
});
