// Bytes of a radio station in, its MP3 or ADTS frames out, each whole. Finds its way back after anything else.
// Not its job: time stamps, metadata between the bytes (icy-metadata.ts).
import { parseAdtsFrame, parseMp3Frame } from '@vedette/bitstream';

export interface RadioFrame {
  readonly codec: 'mp3' | 'aac';
  /** As it stands in a container: MP3 with its header, AAC without. Memory of its own. */
  readonly data: Uint8Array;
  readonly samples: number;
  /** Of the core coder for HE-AAC, whose frames last as long and are heard at the double. */
  readonly sampleRate: number;
  readonly channels: number;
  /** AudioSpecificConfig of AAC. */
  readonly config: Uint8Array | undefined;
}

interface Header extends Omit<RadioFrame, 'data'> {
  readonly headerBytes: number;
  readonly frameBytes: number;
  /** A header of VBR facts and no sound. */
  readonly isSilentNotice: boolean;
}

/** Headers that must follow each other before bytes are believed to be sound: one alone is found in any junk. */
const HEADERS_TO_LOCK = 3;
const MAX_HEADER_BYTES = 9;
const SAMPLES_PER_AAC_BLOCK = 1024;
const ID3_HEADER_BYTES = 10;
/** Longer than any three frames, so that junk is never collected. */
const LIMIT_BYTES = 64 * 1024;

export class AudioFrameReader {
  readonly #onFrame: (frame: RadioFrame) => void;
  #rest: Uint8Array = new Uint8Array(0);
  #locked: Header | undefined;
  /** Of an ID3 tag, still to come. */
  #skip = 0;
  #skippedBytes = 0;

  constructor(onFrame: (frame: RadioFrame) => void) {
    this.#onFrame = onFrame;
  }

  /** Bytes that were no sound, tags included. */
  get skippedBytes(): number {
    return this.#skippedBytes;
  }

  push(bytes: Uint8Array): void {
    let from = 0;
    if (this.#skip > 0) {
      from = Math.min(this.#skip, bytes.length);
      this.#skip -= from;
      this.#skippedBytes += from;
    }
    this.#rest = joined(this.#rest, bytes.subarray(from));
    let at = 0;
    for (;;) {
      const taken = this.#take(at);
      if (taken === 0) break;
      at += taken;
    }
    this.#rest = at === 0 ? this.#rest : this.#rest.slice(at);
  }

  /** Bytes that are done with at `at`: a frame, a tag or one byte of junk; 0 when more must come first. */
  #take(at: number): number {
    const data = this.#rest;
    const left = data.length - at;
    const tag = id3Length(data, at);
    if (tag === 'unknown') return 0;
    if (tag !== undefined) {
      const taken = Math.min(tag, left);
      this.#skip = tag - taken;
      this.#skippedBytes += taken;
      return taken;
    }
    if (left < MAX_HEADER_BYTES) return 0;
    const header = headerAt(data, at);
    const believed =
      header !== undefined && (this.#locked === undefined || isSameSound(header, this.#locked));
    if (!believed) return this.#junk();
    if (this.#locked === undefined) {
      const follows = headersFollow(data, at, header);
      if (follows === 'unknown' && left < LIMIT_BYTES) return 0;
      if (follows !== true) return this.#junk();
      this.#locked = header;
    }
    if (left < header.frameBytes) return 0;
    if (!header.isSilentNotice) {
      const start = at + (header.codec === 'aac' ? header.headerBytes : 0);
      const { codec, samples, sampleRate, channels, config } = header;
      const frame = data.slice(start, at + header.frameBytes);
      this.#onFrame({ codec, samples, sampleRate, channels, config, data: frame });
    }
    return header.frameBytes;
  }

  #junk(): number {
    this.#locked = undefined;
    this.#skippedBytes += 1;
    return 1;
  }
}

function headerAt(data: Uint8Array, at: number): Header | undefined {
  const mp3 = parseMp3Frame(data, at);
  if (mp3 !== null) {
    return {
      ...mp3,
      codec: 'mp3',
      headerBytes: 4,
      config: undefined,
      isSilentNotice: isVbrNotice(data, at, mp3.samples, mp3.channels),
    };
  }
  const aac = parseAdtsFrame(data, at);
  // Several blocks under one header exist on paper alone, and have no place in a container.
  if (aac === null || ((data[at + 6] ?? 0) & 3) !== 0 || aac.frameBytes === aac.headerBytes) return undefined;
  return { ...aac, codec: 'aac', samples: SAMPLES_PER_AAC_BLOCK, isSilentNotice: false };
}

function headersFollow(data: Uint8Array, at: number, first: Header): boolean | 'unknown' {
  let next = at;
  let header = first;
  for (let seen = 1; seen < HEADERS_TO_LOCK; seen += 1) {
    next += header.frameBytes;
    if (next + MAX_HEADER_BYTES > data.length) return 'unknown';
    const found = headerAt(data, next);
    if (found === undefined || !isSameSound(found, first)) return false;
    header = found;
  }
  return true;
}

/** What stays in a stream; its bitrate may change from frame to frame, mono and joint stereo as well. */
function isSameSound(a: Header, b: Header): boolean {
  return (
    a.codec === b.codec &&
    a.sampleRate === b.sampleRate &&
    a.samples === b.samples &&
    (a.codec === 'mp3' || a.channels === b.channels)
  );
}

/** `Xing` or `Info` after the side information of the first frame. */
function isVbrNotice(data: Uint8Array, at: number, samples: number, channels: number): boolean {
  const sideBytes = samples === 1152 ? (channels === 1 ? 17 : 32) : channels === 1 ? 9 : 17;
  const name = String.fromCharCode(...data.subarray(at + 4 + sideBytes, at + 8 + sideBytes));
  return name === 'Xing' || name === 'Info';
}

/** Of an ID3v2 tag at `at` (id3.org, id3v2.4.0-structure section 3.1); undefined when there is none. */
function id3Length(data: Uint8Array, at: number): number | 'unknown' | undefined {
  const magic = [0x49, 0x44, 0x33];
  for (let i = 0; i < magic.length; i += 1) {
    if (at + i >= data.length) return i === 0 ? undefined : 'unknown';
    if (data[at + i] !== magic[i]) return undefined;
  }
  if (at + ID3_HEADER_BYTES > data.length) return 'unknown';
  const byte = (i: number) => data[at + i] ?? 0;
  if ((byte(6) | byte(7) | byte(8) | byte(9)) & 0x80) return undefined;
  const footer = (byte(5) & 0x10) === 0 ? 0 : ID3_HEADER_BYTES;
  return ID3_HEADER_BYTES + footer + ((byte(6) << 21) | (byte(7) << 14) | (byte(8) << 7) | byte(9));
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  if (a.length === 0) return b;
  const out = new Uint8Array(a.length + b.length);
  out.set(a);
  out.set(b, a.length);
  return out;
}
