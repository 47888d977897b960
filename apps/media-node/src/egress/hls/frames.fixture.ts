import { AAC_TRACK, H264_TRACK } from '@vedette/fmp4/testing';
import type { EncodedFrame, Track } from '@vedette/media-types';

export const VIDEO = H264_TRACK;
export const AUDIO = AAC_TRACK;
export const WALL_START_MS = Date.UTC(2026, 10, 20, 12);

export interface PictureOptions {
  readonly gop?: number;
  readonly fps?: number;
  readonly bytes?: number;
  /** Added to every time stamp. */
  readonly fromTicks?: number;
  readonly fromWallMs?: number;
}

/** Picture `n` of a regular camera: 15 frames a second, a key frame every 30, parameter sets before each. */
export function picture(n: number, options: PictureOptions = {}): EncodedFrame {
  const { gop = 30, fps = 15, bytes = 40, fromTicks = 0, fromWallMs = WALL_START_MS } = options;
  const key = n % gop === 0;
  const dtsTicks = fromTicks + Math.round((n * 90_000) / fps);
  const data = new Uint8Array(bytes + (key ? 10 : 0)).fill(n & 0xff);
  return {
    trackId: VIDEO.id,
    kind: 'video',
    dtsTicks,
    ptsTicks: dtsTicks,
    key,
    data,
    parameterSetBytes: key ? 10 : 0,
    wallClockMs: fromWallMs + (n * 1000) / fps,
  };
}

/** AAC frame `n`: 1024 samples at 48 kHz, on a clock of its own. */
export function sound(n: number): EncodedFrame {
  return {
    trackId: AUDIO.id,
    kind: 'audio',
    dtsTicks: 777_000 + n * 1024,
    ptsTicks: 777_000 + n * 1024,
    key: true,
    data: Uint8Array.of(0xaa, n & 0xff),
    parameterSetBytes: 0,
    wallClockMs: WALL_START_MS + (n * 1024 * 1000) / 48_000,
  };
}

export const VIDEO_ONLY: readonly Track[] = [VIDEO];
