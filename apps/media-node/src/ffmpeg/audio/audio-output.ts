import { opusSamples } from '@vedette/bitstream';
import type { AudioTrack } from '@vedette/media-types';
import type { RenditionCodec } from '../../hub/audio-rendition-port.ts';
import { AdtsReader } from './adts-stream.ts';
import { OggReader } from './ogg-pages.ts';

export interface OutputFrame {
  readonly data: Uint8Array;
  readonly samples: number;
  /** Of AAC: known from the first frame only. */
  readonly config: Uint8Array | undefined;
}

/** How FFmpeg is told what to make of the sound, and how it is read. */
export interface AudioOutput {
  readonly args: readonly string[];
  readonly sampleRate: number;
  readonly channels: number;
  /** Silence that the encoder puts before the first sample. */
  readonly delaySamples: number;
  reader(onFrame: (frame: OutputFrame) => void): { push(bytes: Uint8Array): void };
}

/** RFC 7845 section 5.1 after its magic; the skipped samples are told by the time stamps already. */
export const OPUS_DELAY_SAMPLES = 312;
const AAC_FRAME_SAMPLES = 1024;

export function audioOutput(codec: RenditionCodec, track: AudioTrack): AudioOutput {
  const channels = Math.min(2, track.channels);
  if (codec === 'opus') {
    const sampleRate = 48_000;
    const bitrate = channels === 1 ? '40k' : '80k';
    return {
      args: [
        ...['-c:a', 'libopus', '-application', 'lowdelay', '-frame_duration', '20', '-b:a', bitrate],
        ...['-ar', String(sampleRate), '-ac', String(channels)],
        ...['-f', 'ogg', '-page_duration', '20000', '-flush_packets', '1', 'pipe:1'],
      ],
      sampleRate,
      channels,
      delaySamples: OPUS_DELAY_SAMPLES,
      reader: (onFrame) => {
        let headers = 2;
        return new OggReader((data) => {
          if (headers > 0) headers -= 1;
          else onFrame({ data, samples: opusSamples(data), config: undefined });
        });
      },
    };
  }
  // The rates that every player takes: what comes from telephones is resampled.
  const sampleRate = track.clockRate === 44_100 ? 44_100 : 48_000;
  return {
    args: [
      ...['-c:a', 'aac', '-profile:a', 'aac_low', '-b:a', channels === 1 ? '64k' : '128k'],
      ...['-ar', String(sampleRate), '-ac', String(channels)],
      ...['-f', 'adts', '-flush_packets', '1', 'pipe:1'],
    ],
    sampleRate,
    channels,
    delaySamples: AAC_FRAME_SAMPLES,
    reader: (onFrame) =>
      new AdtsReader((data, { config }) => onFrame({ data, samples: AAC_FRAME_SAMPLES, config })),
  };
}
