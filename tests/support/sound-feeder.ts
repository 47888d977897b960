// Plays a committed sound into a FrameSink in real time, as a camera or a radio station would.
import { readFileSync } from 'node:fs';
import { parseAdtsFrame } from '@vedette/bitstream';
import type { AudioTrack, EncodedFrame, FrameSink } from '@vedette/media-types';

export type SoundOfCamera = 'aac' | 'pcmu';

interface Sound {
  readonly track: Omit<AudioTrack, 'id'>;
  readonly frames: readonly Uint8Array[];
  readonly samplesPerFrame: number;
}

const TICK_MS = 20;

export class SoundFeeder implements Disposable {
  readonly #options: { readonly sink: FrameSink; readonly trackId: number };
  readonly #sound: Sound;
  readonly #startedAt = performance.now();
  readonly #timer: NodeJS.Timeout;
  #next = 0;

  constructor(options: {
    readonly sound: SoundOfCamera;
    readonly trackId: number;
    readonly sink: FrameSink;
    /** In place of the committed one; of the same format. */
    readonly file?: string | undefined;
  }) {
    const { sink, sound, trackId } = options;
    this.#options = options;
    const file = options.file ?? new URL(`../../fixtures/sounds/sound.${sound}`, import.meta.url);
    const data = readFileSync(file);
    this.#sound = sound === 'aac' ? readAdts(data) : readPcmu(data);
    sink.tracks([{ ...this.#sound.track, id: trackId }]);
    this.#timer = setInterval(() => this.#send(), TICK_MS);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  #send(): void {
    const { frames, samplesPerFrame, track } = this.#sound;
    const seconds = (performance.now() - this.#startedAt) / 1000;
    for (; (this.#next * samplesPerFrame) / track.clockRate <= seconds; this.#next += 1) {
      const data = frames[this.#next % frames.length];
      if (data === undefined) return;
      const ticks = this.#next * samplesPerFrame;
      const frame: EncodedFrame = {
        trackId: this.#options.trackId,
        kind: 'audio',
        key: true,
        data,
        parameterSetBytes: 0,
        dtsTicks: ticks,
        ptsTicks: ticks,
        wallClockMs: Date.now(),
      };
      this.#options.sink.frame(frame);
    }
  }
}

function readAdts(data: Uint8Array): Sound {
  const frames: Uint8Array[] = [];
  let track: Sound['track'] | undefined;
  for (let offset = 0; ; ) {
    const frame = parseAdtsFrame(data.subarray(offset));
    if (frame === null || offset + frame.frameBytes > data.length) break;
    track ??= {
      kind: 'audio',
      codec: 'aac',
      clockRate: frame.sampleRate,
      channels: frame.channels,
      config: frame.config,
    };
    frames.push(data.subarray(offset + frame.headerBytes, offset + frame.frameBytes));
    offset += frame.frameBytes;
  }
  if (track === undefined) throw new Error('no ADTS frame in the sound');
  return { track, frames, samplesPerFrame: 1024 };
}

function readPcmu(data: Uint8Array): Sound {
  const frames: Uint8Array[] = [];
  for (let offset = 0; offset + 160 <= data.length; offset += 160)
    frames.push(data.subarray(offset, offset + 160));
  return {
    track: { kind: 'audio', codec: 'pcmu', clockRate: 8000, channels: 1 },
    frames,
    samplesPerFrame: 160,
  };
}
