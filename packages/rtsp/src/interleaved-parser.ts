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
      readonly url: string;
      readonly headers: ReadonlyMap<string, readonly string[]>;
      readonly body: string;
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
const MAX_START_LINE_BYTES = 2100;
/** Cameras use the first few channels; a `$` with another one is a byte of something else. */
const MAX_LIKELY_CHANNEL = 31;
/** The beginning of a response, or of a request whatever its method. */
const START_LINE = /^(?:RTSP\/1\.\d|[A-Z_]{3,24} [\x21-\x7e]+ RTSP\/1\.\d)/;
/** What may become one with the next bytes. */
const BEGUN_LINE =
  /^(?:RTSP\/(?:1\.?)?|[A-Z_]{1,24}|[A-Z_]{3,24} [\x21-\x7e]*|[A-Z_]{3,24} [\x21-\x7e]+ R?T?S?P?\/?1?\.?)$/;

type Beginning = 'packet' | 'message' | 'line-end' | 'incomplete' | 'junk';

export class InterleavedParser {
  readonly #emit: (event: RtspEvent) => void;
  #buffer: Buffer = Buffer.alloc(0);
  #junk = 0;
  /** Between junk and the next thing understood: what looks like a packet must prove to be one. */
  #lost = false;

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

  /** Bytes consumed from `at`; 0 when more are needed. The same however the bytes were cut into chunks. */
  #next(at: number): number {
    switch (this.#beginning(at)) {
      case 'incomplete':
        return 0;
      case 'line-end':
        return 1;
      case 'packet':
        return this.#packet(at);
      case 'message':
        return this.#message(at);
      case 'junk':
        return this.#skipJunk(at);
    }
  }

  #beginning(at: number): Beginning {
    const buffer = this.#buffer;
    const first = buffer[at];
    if (first === undefined) return 'incomplete';
    if (first === DOLLAR) return this.#lost ? this.#likelyPacket(at) : 'packet';
    if (first === CR || first === LF) return 'line-end';
    const lineEnd = buffer.indexOf(LF, at);
    const seen = Math.min(lineEnd < 0 ? buffer.length : lineEnd, at + MAX_START_LINE_BYTES);
    const line = buffer.toString('latin1', at, seen);
    if (START_LINE.test(line)) return 'message';
    return lineEnd < 0 && line.length < MAX_START_LINE_BYTES && BEGUN_LINE.test(line) ? 'incomplete' : 'junk';
  }

  /** A likely channel, the length of an RTCP packet at least, and version 2 of RTP behind it. */
  #likelyPacket(at: number): Beginning {
    const buffer = this.#buffer;
    if (at + 5 > buffer.length) return 'incomplete';
    const isLikely =
      buffer.readUInt8(at + 1) <= MAX_LIKELY_CHANNEL &&
      buffer.readUInt16BE(at + 2) >= 8 &&
      buffer.readUInt8(at + 4) >> 6 === 2;
    return isLikely ? 'packet' : 'junk';
  }

  #packet(at: number): number {
    const buffer = this.#buffer;
    if (at + 4 > buffer.length) return 0;
    const end = at + 4 + buffer.readUInt16BE(at + 2);
    if (end > buffer.length) return 0;
    this.#found();
    this.#emit({ kind: 'packet', channel: buffer.readUInt8(at + 1), data: buffer.subarray(at + 4, end) });
    return end - at;
  }

  /** To the next byte that could begin something: a camera once sent leftovers of a packet here. */
  #skipJunk(at: number): number {
    const buffer = this.#buffer;
    let next = at + 1;
    while (next < buffer.length && !couldBegin(buffer[next] ?? 0)) next += 1;
    this.#lost = true;
    this.#junk += next - at;
    if (this.#junk > MAX_JUNK_BYTES) throw new RangeError('too many bytes that are neither RTSP nor media');
    return next - at;
  }

  #found(): void {
    this.#lost = false;
    this.#junk = 0;
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
    this.#found();
    const startLine = lines[0] ?? '';
    const body = buffer.toString('utf8', headEnd.body, end);
    if (startLine.startsWith('RTSP/1.')) {
      const status = Number(/^RTSP\/1\.\d\s+(\d{3})/.exec(startLine)?.[1] ?? 0);
      this.#emit({ kind: 'response', status, headers, body });
    } else {
      const [method = '', url = ''] = startLine.split(' ');
      this.#emit({ kind: 'request', method, url, headers, body });
    }
    return end - at;
  }
}

/** `$`, or a capital letter of a start line. */
function couldBegin(byte: number): boolean {
  return byte === DOLLAR || (byte >= 0x41 && byte <= 0x5a);
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
