import { Buffer } from 'node:buffer';
import { opusSamples, parseAacConfig, parseMp3Frame } from '@vedette/bitstream';
import type { AudioTrack } from '@vedette/media-types';
import { adtsHeader } from './adts-stream.ts';
import { OpusOggWriter } from './ogg-pages.ts';

/** How frames of one track are told to FFmpeg through a pipe. */
export interface AudioInput {
  /** Demuxer and what it cannot read from the stream itself. */
  readonly args: readonly string[];
  /** Goes before the first frame. */
  readonly header: Uint8Array;
  encode(frame: Uint8Array): Uint8Array;
  /** Length of a frame, s; 0 for one that is not to be sent. */
  seconds(frame: Uint8Array): number;
}

const NOTHING = new Uint8Array();

/** Null when FFmpeg cannot be told the codec, which the track then lacks what is needed for. */
export function audioInput(track: AudioTrack): AudioInput | null {
  const { clockRate, channels } = track;
  const raw = (format: string, bitsPerSample: number, more: readonly string[] = []): AudioInput => ({
    args: ['-f', format, ...more],
    header: NOTHING,
    encode: (frame) => frame,
    seconds: (frame) => (frame.length * 8) / (bitsPerSample * channels * clockRate),
  });
  const pcm = ['-ar', String(clockRate), '-ac', String(channels)];
  switch (track.codec) {
    case 'pcmu':
      return raw('mulaw', 8, pcm);
    case 'pcma':
      return raw('alaw', 8, pcm);
    case 'g722':
      return raw('g722', 4, ['-raw_packet_size', '160']);
    case 'g726': {
      const bits = track.samples?.bits ?? 4;
      const format = (track.samples?.littleEndian ?? true) ? 'g726le' : 'g726';
      return raw(format, bits, ['-code_size', String(bits)]);
    }
    case 'l16': {
      const bits = track.samples?.bits ?? 16;
      const order = (track.samples?.littleEndian ?? false) ? 'le' : 'be';
      if (bits === 8) return raw('u8', bits, pcm);
      return bits === 16 || bits === 24 ? raw(`s${bits}${order}`, bits, pcm) : null;
    }
    case 'mp3':
      return {
        args: ['-f', 'mp3'],
        header: NOTHING,
        encode: (frame) => frame,
        seconds: (frame) => {
          const facts = parseMp3Frame(frame);
          return facts === null ? 0 : facts.samples / facts.sampleRate;
        },
      };
    case 'aac':
      return aacInput(track);
    case 'opus': {
      const ogg = new OpusOggWriter();
      return {
        args: ['-f', 'ogg'],
        header: ogg.headers(Math.min(2, channels)),
        encode: (frame) => ogg.packet(frame, opusSamples(frame)),
        seconds: (frame) => opusSamples(frame) / 48_000,
      };
    }
  }
}

function aacInput({ config }: AudioTrack): AudioInput | null {
  if (config === undefined) return null;
  const header = adtsHeader(config);
  const facts = parseAacConfig(config);
  if (header === null || facts === null) return null;
  return {
    args: ['-f', 'aac'],
    header: NOTHING,
    encode: (frame) => Buffer.concat([header(frame.length), frame]),
    seconds: () => facts.samplesPerFrame / facts.sampleRate,
  };
}
