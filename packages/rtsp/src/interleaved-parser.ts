// Bytes of one RTSP connection in, messages and interleaved packets out, whatever cameras put between them.
// Bounded: a message that does not end, or junk without end, is an error. Pure.

export type RtspEvent =
  | {
      readonly kind: 'response';
      readonly status: number;
      readonly headers: ReadonlyMap<string, readonly string[]>;
      readonly body: string;
    }
  | {
      readonly kind: 'request';
      readonly method: string;
      readonly headers: ReadonlyMap<string, readonly string[]>;
    }
  /** One RTP or RTCP packet (RFC 2326 section 10.12); a view of the received bytes. */
  | { readonly kind: 'packet'; readonly channel: number; readonly data: Uint8Array };

const DOLLAR = 0x24;
const CR = 0x0d;
const LF = 0x0a;
const MAX_HEAD_BYTES = 64 * 1024;
const MAX_HEADERS = 255;
const MAX_BODY_BYTES = 128 * 1024;
/** Bytes that belong to nothing, in a row. */
const MAX_JUNK_BYTES = 256 * 1024;
const METHOD = /^(OPTIONS|GET_PARAMETER|SET_PARAMETER|ANNOUNCE|REDIRECT|TEARDOWN|PLAY_NOTIFY) \S+ RTSP\/1\./;

export class InterleavedParser {
  readonly #emit: (event: RtspEvent) => void;
  #buffer: Buffer = Buffer.alloc(0);
  #junk = 0;

  constructor(emit: (event: RtspEvent) => void) {
    this.#emit = emit;
  }

  /** Throws RangeError when the peer exceeds a bound. Packets emitted are views: `chunk` must not be reused. */
  push(chunk: Buffer): void {
    this.#buffer = this.#buffer.length === 0 ? chunk : Buffer.concat([this.#buffer, chunk]);
    let at = 0;
    for (;;) {
      const used = this.#next(at);
      if (used === 0) break;
      at += used;
    }
    this.#buffer = at === 0 ? this.#buffer : this.#buffer.subarray(at);
  }

  /** Bytes consumed from `at`; 0 when more are needed. */
  #next(at: number): number {
    const buffer = this.#buffer;
    const first = buffer[at];
    if (first === undefined) return 0;
    if (first === DOLLAR) {
      if (at + 4 > buffer.length) return 0;
      const end = at + 4 + buffer.readUInt16BE(at + 2);
      if (end > buffer.length) return 0;
      this.#junk = 0;
      this.#emit({ kind: 'packet', channel: buffer.readUInt8(at + 1), data: buffer.subarray(at + 4, end) });
      return end - at;
    }
    if (first === CR || first === LF) return 1;
    const line = this.#startLine(at);
    if (line === 'incomplete') return 0;
    return line === 'junk' ? this.#skipJunk(at) : this.#message(at);
  }

  #startLine(at: number): 'message' | 'incomplete' | 'junk' {
    const ahead = this.#buffer.toString('latin1', at, Math.min(at + 16, this.#buffer.length));
    if ('RTSP/1.'.startsWith(ahead.slice(0, 7))) return ahead.length < 7 ? 'incomplete' : 'message';
    if (!/^[A-Z_]/.test(ahead)) return 'junk';
    const end = this.#buffer.indexOf(LF, at);
    if (end < 0)
      return this.#buffer.length - at > 2048 || !/^[A-Z_]+( \S*)?/.test(ahead) ? 'junk' : 'incomplete';
    return METHOD.test(this.#buffer.toString('latin1', at, end)) ? 'message' : 'junk';
  }

  /** To the next byte that could begin something: a camera once sent leftovers of a packet here. */
  #skipJunk(at: number): number {
    const buffer = this.#buffer;
    let next = at + 1;
    while (next < buffer.length && !this.#plausible(next)) next += 1;
    this.#junk += next - at;
    if (this.#junk > MAX_JUNK_BYTES) throw new RangeError('too many bytes that are neither RTSP nor media');
    return next - at;
  }

  /** `$`, a channel that a camera would use, and RTP version 2 behind it; or the beginning of a response. */
  #plausible(at: number): boolean {
    const buffer = this.#buffer;
    if (buffer[at] === DOLLAR) {
      const channel = buffer[at + 1];
      const version = buffer[at + 4];
      return (channel === undefined || channel < 32) && (version === undefined || version >> 6 === 2);
    }
    return (
      buffer[at] === 0x52 &&
      'RTSP/1.'.startsWith(buffer.toString('latin1', at, Math.min(at + 7, buffer.length)))
    );
  }

  #message(at: number): number {
    const buffer = this.#buffer;
    const headEnd = endOfHead(buffer, at);
    if (headEnd === undefined) {
      if (buffer.length - at > MAX_HEAD_BYTES) throw new RangeError('the head of a message does not end');
      return 0;
    }
    const lines = buffer.toString('utf8', at, headEnd.head).split(/\r?\n/);
    const headers = readHeaders(lines);
    const length = Number(headers.get('content-length')?.[0] ?? 0);
    if (!Number.isInteger(length) || length < 0 || length > MAX_BODY_BYTES)
      throw new RangeError('the body of a message is too large');
    const end = headEnd.body + length;
    if (end > buffer.length) return 0;
    this.#junk = 0;
    const startLine = lines[0] ?? '';
    if (startLine.startsWith('RTSP/1.')) {
      const status = Number(/^RTSP\/1\.\d\s+(\d{3})/.exec(startLine)?.[1] ?? 0);
      this.#emit({ kind: 'response', status, headers, body: buffer.toString('utf8', headEnd.body, end) });
    } else this.#emit({ kind: 'request', method: startLine.split(' ')[0] ?? '', headers });
    return end - at;
  }
}

function endOfHead(buffer: Buffer, at: number): { head: number; body: number } | undefined {
  const strict = buffer.indexOf('\r\n\r\n', at);
  const loose = buffer.indexOf('\n\n', at);
  if (strict < 0 && loose < 0) return undefined;
  if (strict >= 0 && (loose < 0 || strict < loose)) return { head: strict, body: strict + 4 };
  return { head: loose, body: loose + 2 };
}

function readHeaders(lines: readonly string[]): Map<string, string[]> {
  const headers = new Map<string, string[]>();
  for (const line of lines.slice(1, 1 + MAX_HEADERS)) {
    const colon = line.indexOf(':');
    if (colon <= 0) continue;
    const name = line.slice(0, colon).trim().toLowerCase();
    const values = headers.get(name) ?? [];
    values.push(
      line
        .slice(colon + 1)
        .trim()
        .slice(0, 2048),
    );
    headers.set(name, values);
  }
  return headers;
}
