// Plays an Annex B clip into a FrameSink in real time, as a camera would after depacketizing.
import { readFileSync } from 'node:fs';
import { H264_NAL, h264NalType, parseH264Sps, splitAnnexB, toLengthPrefixed } from '@vedette/bitstream';
import type { EncodedFrame, FrameSink, VideoTrack } from '@vedette/media-types';

interface ClipFrame {
  readonly key: boolean;
  readonly data: Uint8Array;
  readonly parameterSetBytes: number;
}

export class ClipFeeder implements Disposable {
  readonly track: VideoTrack;
  readonly #frames: readonly ClipFrame[];
  readonly #sink: FrameSink;
  readonly #fps: number;
  readonly #startedAt = performance.now();
  #next: number;
  #timer: NodeJS.Timeout | undefined;

  /** `startFrame` counts into the clip; frames go on rising across its loops. */
  constructor(options: { file: string; fps: number; sink: FrameSink; startFrame?: number }) {
    const { track, frames } = readClip(options.file);
    this.track = track;
    this.#frames = frames;
    this.#sink = options.sink;
    this.#fps = options.fps;
    this.#next = options.startFrame ?? 0;
    this.#sink.tracks([track]);
    this.#tick();
  }

  /** Frames sent so far. */
  get sent(): number {
    return this.#next;
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }

  #tick(): void {
    const due = Math.floor(((performance.now() - this.#startedAt) * this.#fps) / 1000);
    while (this.#next <= due) this.#send();
    const nextAt = this.#startedAt + (this.#next * 1000) / this.#fps;
    this.#timer = setTimeout(() => this.#tick(), Math.max(0, nextAt - performance.now()));
  }

  #send(): void {
    const source = this.#frames[this.#next % this.#frames.length];
    if (source === undefined) return;
    const ticks = Math.round((this.#next * 90_000) / this.#fps);
    const frame: EncodedFrame = {
      ...source,
      trackId: this.track.id,
      kind: 'video',
      dtsTicks: ticks,
      ptsTicks: ticks,
      wallClockMs: Date.now(),
    };
    this.#next += 1;
    this.#sink.frame(frame);
  }
}

function readClip(file: string): { track: VideoTrack; frames: ClipFrame[] } {
  let sps: Uint8Array | undefined;
  let pps: Uint8Array | undefined;
  const frames: ClipFrame[] = [];
  let pending: Uint8Array[] = [];
  const flush = () => {
    const slices = pending.filter((nal) => isSlice(nal));
    pending = [];
    if (slices.length === 0 || sps === undefined || pps === undefined) return;
    const key = slices.some((nal) => h264NalType(nal[0] ?? 0) === H264_NAL.idr);
    const sets = key ? toLengthPrefixed([sps, pps]) : new Uint8Array();
    frames.push({
      key,
      data: Buffer.concat([sets, toLengthPrefixed(slices)]),
      parameterSetBytes: sets.length,
    });
  };
  for (const nal of splitAnnexB(readFileSync(file))) {
    const type = h264NalType(nal[0] ?? 0);
    if (type === H264_NAL.sps) sps = nal;
    else if (type === H264_NAL.pps) pps = nal;
    // first_mb_in_slice is 0 (a single 1 bit) where a picture begins.
    const startsPicture = isSlice(nal) && ((nal[1] ?? 0) & 0x80) !== 0;
    if (startsPicture) flush();
    pending.push(nal);
  }
  flush();
  if (sps === undefined || pps === undefined) throw new Error(`${file} has no parameter sets`);
  const facts = parseH264Sps(sps);
  return {
    track: {
      kind: 'video',
      id: 1,
      codec: 'h264',
      clockRate: 90_000,
      parameterSets: { sps, pps },
      width: facts?.width ?? 0,
      height: facts?.height ?? 0,
    },
    frames,
  };
}

function isSlice(nal: Uint8Array): boolean {
  const type = h264NalType(nal[0] ?? 0);
  return type === H264_NAL.idr || type === H264_NAL.slice;
}
