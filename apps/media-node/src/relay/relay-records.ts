// What one stream between two nodes is made of: records of tracks, frames and the state of the source, one after the
// other. Pure: bytes out of them, and them out of bytes, cut however the connection cut them.
import { ReasonCode, StreamHealth } from '@vedette/contracts';
import type { EncodedFrame, FrameSink, Track } from '@vedette/media-types';
import { z } from 'zod';

/** How the giving node's own source is. */
export const RelayedState = z.object({ health: StreamHealth, reason: ReasonCode });
export type RelayedState = z.infer<typeof RelayedState>;

/** The other side does not keep to the format. */
export class RelayFormatError extends Error {
  override readonly name = 'RelayFormatError';
}

const TRACKS = 1;
const FRAME = 2;
const STATE = 3;
const END = 4;
/** Kind and length of what follows. */
const PREFIX_BYTES = 5;
/** Flags, track, bytes of parameter sets, and three times. */
const FRAME_HEADER_BYTES = 1 + 4 + 4 + 3 * 8;
const KEY_FLAG = 1;
const AUDIO_FLAG = 2;
/** No camera's picture is bigger; a length beyond it is nonsense or an attack on our memory. */
const MAX_RECORD_BYTES = 32 * 1024 * 1024;

const Bytes = z.base64().transform((text) => new Uint8Array(Buffer.from(text, 'base64')));
const id = z.int().min(0).max(0xffff_ffff);
const clockRate = z.int().min(1).max(1_000_000);
const Tracks = z
  .array(
    z.discriminatedUnion('kind', [
      z.object({
        kind: z.literal('video'),
        id,
        codec: z.enum(['h264', 'h265']),
        clockRate,
        parameterSets: z.object({ vps: Bytes.exactOptional(), sps: Bytes, pps: Bytes }),
        width: z.int().min(0),
        height: z.int().min(0),
      }),
      z.object({
        kind: z.literal('audio'),
        id,
        codec: z.enum(['opus', 'aac', 'pcmu', 'pcma', 'mp3', 'g722', 'g726', 'l16']),
        clockRate,
        channels: z.int().min(1).max(255),
        config: Bytes.exactOptional(),
        samples: z.object({ bits: z.int().min(1).max(64), littleEndian: z.boolean() }).exactOptional(),
      }),
    ]),
  )
  .max(16);

export function tracksRecord(tracks: readonly Track[]): Buffer {
  return record(TRACKS, Buffer.from(JSON.stringify(tracks.map(writable))));
}

function writable(track: Track): object {
  if (track.kind === 'audio')
    return track.config === undefined ? track : { ...track, config: base64(track.config) };
  const { vps, sps, pps } = track.parameterSets;
  const sets = { sps: base64(sps), pps: base64(pps) };
  return { ...track, parameterSets: vps === undefined ? sets : { ...sets, vps: base64(vps) } };
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}

export function stateRecord(state: RelayedState): Buffer {
  return record(STATE, Buffer.from(JSON.stringify({ health: state.health, reason: state.reason })));
}

/** The stream is over as it was meant to be: without it, the connection broke. */
export function endRecord(): Buffer {
  return record(END, new Uint8Array());
}

export function frameRecord(frame: EncodedFrame): Buffer {
  const { data } = frame;
  const bytes = Buffer.allocUnsafe(PREFIX_BYTES + FRAME_HEADER_BYTES + data.byteLength);
  bytes.writeUInt8(FRAME, 0);
  bytes.writeUInt32BE(FRAME_HEADER_BYTES + data.byteLength, 1);
  bytes.writeUInt8((frame.key ? KEY_FLAG : 0) | (frame.kind === 'audio' ? AUDIO_FLAG : 0), 5);
  bytes.writeUInt32BE(frame.trackId, 6);
  bytes.writeUInt32BE(frame.parameterSetBytes, 10);
  bytes.writeDoubleBE(frame.dtsTicks, 14);
  bytes.writeDoubleBE(frame.ptsTicks, 22);
  bytes.writeDoubleBE(frame.wallClockMs, 30);
  bytes.set(data, PREFIX_BYTES + FRAME_HEADER_BYTES);
  return bytes;
}

function record(kind: number, body: Uint8Array): Buffer {
  const bytes = Buffer.allocUnsafe(PREFIX_BYTES + body.byteLength);
  bytes.writeUInt8(kind, 0);
  bytes.writeUInt32BE(body.byteLength, 1);
  bytes.set(body, PREFIX_BYTES);
  return bytes;
}

export interface RelaySink extends FrameSink {
  state(state: RelayedState): void;
  end(): void;
}

export class RelayReader {
  readonly #sink: RelaySink;
  #chunks: Buffer[] = [];
  #bytes = 0;
  /** Of the record that is coming, its prefix included; until that is there, of the prefix. */
  #wanted = PREFIX_BYTES;

  constructor(sink: RelaySink) {
    this.#sink = sink;
  }

  /** Throws RelayFormatError; nothing may be pushed afterwards. */
  push(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    while (this.#bytes >= this.#wanted) {
      const bytes = this.#gather();
      const length = bytes.readUInt32BE(1);
      if (length > MAX_RECORD_BYTES) throw new RelayFormatError('a record is longer than any picture');
      this.#wanted = PREFIX_BYTES + length;
      if (this.#bytes < this.#wanted) return;
      const rest = bytes.subarray(this.#wanted);
      this.#chunks = rest.length === 0 ? [] : [rest];
      this.#bytes = rest.length;
      const body = bytes.subarray(PREFIX_BYTES, this.#wanted);
      this.#wanted = PREFIX_BYTES;
      this.#take(bytes.readUInt8(0), body);
    }
  }

  #gather(): Buffer {
    const [first] = this.#chunks;
    if (first !== undefined && this.#chunks.length === 1) return first;
    const all = Buffer.concat(this.#chunks, this.#bytes);
    this.#chunks = [all];
    return all;
  }

  #take(kind: number, body: Buffer): void {
    // Kinds that we do not know are those of a newer node; what we need it sends as well.
    if (kind === FRAME) this.#sink.frame(readFrame(body));
    else if (kind === TRACKS) this.#sink.tracks(readJson(Tracks, body));
    else if (kind === STATE) this.#sink.state(readJson(RelayedState, body));
    else if (kind === END) this.#sink.end();
  }
}

function readFrame(body: Buffer): EncodedFrame {
  if (body.length < FRAME_HEADER_BYTES) throw new RelayFormatError('a frame is cut short');
  const flags = body.readUInt8(0);
  const parameterSetBytes = body.readUInt32BE(5);
  const [dtsTicks, ptsTicks, wallClockMs] = [
    body.readDoubleBE(9),
    body.readDoubleBE(17),
    body.readDoubleBE(25),
  ];
  const data = body.subarray(FRAME_HEADER_BYTES);
  const isTime =
    Number.isSafeInteger(dtsTicks) && Number.isSafeInteger(ptsTicks) && Number.isFinite(wallClockMs);
  if (!isTime || dtsTicks < 0 || ptsTicks < 0 || parameterSetBytes > data.length)
    throw new RelayFormatError('a frame contradicts itself');
  return {
    trackId: body.readUInt32BE(1),
    kind: (flags & AUDIO_FLAG) === 0 ? 'video' : 'audio',
    dtsTicks,
    ptsTicks,
    key: (flags & KEY_FLAG) !== 0,
    data,
    parameterSetBytes,
    wallClockMs,
  };
}

function readJson<T>(schema: z.ZodType<T>, body: Buffer): T {
  let said: unknown;
  try {
    said = JSON.parse(body.toString('utf8'));
  } catch (cause) {
    throw new RelayFormatError('a record is no JSON', { cause });
  }
  const read = schema.safeParse(said);
  if (!read.success) throw new RelayFormatError(z.prettifyError(read.error));
  return read.data;
}
