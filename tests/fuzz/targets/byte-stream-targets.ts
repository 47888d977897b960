import { readFileSync } from 'node:fs';
import { AdtsReader } from '../../../apps/media-node/src/ffmpeg/audio/adts-stream.ts';
import { OggReader } from '../../../apps/media-node/src/ffmpeg/audio/ogg-pages.ts';
import { ErrorOutput } from '../../../apps/media-node/src/ffmpeg/error-output.ts';
import { ProgressReader } from '../../../apps/media-node/src/ffmpeg/progress-reader.ts';
import { Chunks } from '../chunks.ts';
import { type FuzzTarget, promise } from '../fuzz-target.ts';
import { bytesOf } from '../mutator.ts';

const sound = (codec: string) =>
  readFileSync(new URL(`../../../fixtures/sounds/sound.${codec}`, import.meta.url)).subarray(0, 6000);

/** A reader that is fed pieces of a stream, for ever. */
export function streamTarget(options: {
  readonly name: string;
  readonly seeds: readonly Uint8Array[];
  readonly words?: readonly Uint8Array[];
  readonly open: () => (piece: Uint8Array) => void;
}): FuzzTarget {
  return {
    name: options.name,
    inputsPerSubject: 1000,
    open: () => {
      const chunks = new Chunks(options.seeds, options.words);
      return { next: (random) => chunks.next(random), feed: options.open() };
    },
  };
}

const PROGRESS = bytesOf(
  'frame=10\nfps=25.0\nout_time_us=400000\nout_time_ms=400000\ntotal_size=1000\nspeed=1.01x\nprogress=continue\n',
  'frame=N/A\nspeed=N/A\nout_time_us=-9223372036854775807\nprogress=end\n',
);
const ERRORS = bytesOf(
  '[rtsp @ 0x1] method DESCRIBE failed: 401 Unauthorized\nrtsp://user:SECRET@host/x: Server returned 401\r\n',
  '\r\rlast line without an end SECRET',
);

export const byteStreamTargets: readonly FuzzTarget[] = [
  streamTarget({
    name: 'ffmpeg: ADTS stream',
    seeds: [sound('aac'), sound('aac').subarray(0, 300)],
    open: () => {
      const reader = new AdtsReader((frame, facts) => {
        promise(frame.length === facts.frameBytes - facts.headerBytes, 'a frame is as long as it says');
      });
      return (piece) => reader.push(piece);
    },
  }),
  streamTarget({
    name: 'ffmpeg: Ogg pages',
    seeds: [sound('opus'), sound('opus').subarray(0, 600)],
    words: bytesOf('OggS', '\xff', '\0'),
    open: () => {
      let fed = 0;
      let out = 0;
      const reader = new OggReader((packet) => {
        out += packet.length;
        promise(out <= fed, 'no more comes out than went in');
      });
      return (piece) => {
        fed += piece.length;
        reader.push(piece);
      };
    },
  }),
  streamTarget({
    name: 'ffmpeg: progress reports',
    seeds: PROGRESS,
    words: bytesOf('=', '\n', 'progress=', 'N/A', '-1', '1e999', '__proto__='),
    open: () => {
      const reader = new ProgressReader((progress) => {
        promise(Number.isFinite(progress.frame) && Number.isFinite(progress.fps), 'counts are numbers');
        promise(progress.speed === null || Number.isFinite(progress.speed), 'speed is a number');
      });
      return (piece) => reader.push(Buffer.from(piece).toString('utf8'));
    },
  }),
  streamTarget({
    name: 'ffmpeg: what it says of errors',
    seeds: ERRORS,
    words: bytesOf('\n', '\r', 'SECRET', '://', '@', 'user:'),
    open: () => {
      const output = new ErrorOutput({ secrets: ['SECRET'] });
      return (piece) => {
        output.push(Buffer.from(piece).toString('utf8'));
        const tail = output.tail();
        promise(!tail.includes('SECRET'), 'a secret is never shown');
        promise(tail.length < 20_000, 'what is kept is bounded');
      };
    },
  }),
];
