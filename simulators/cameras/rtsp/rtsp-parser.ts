import type { RtspInput, RtspRequest } from './rtsp-message.ts';

const MAX_HEAD = 8 * 1024;
const MAX_BODY = 16 * 1024;
const MAX_HEADERS = 64;
const NOTHING = Buffer.alloc(0);

/** Cuts the bytes of one client connection into requests and interleaved frames. Bounded by MAX_HEAD + MAX_BODY. */
export class RtspParser {
  #pending: Buffer = NOTHING;

  /** All that is complete after these bytes. Throws a sentence when they are not RTSP; then the connection is lost. */
  push(bytes: Buffer): RtspInput[] {
    this.#pending = this.#pending.length === 0 ? bytes : Buffer.concat([this.#pending, bytes]);
    const inputs: RtspInput[] = [];
    for (let input = this.#take(); input !== undefined; input = this.#take()) inputs.push(input);
    return inputs;
  }

  #take(): RtspInput | undefined {
    let start = 0;
    while (this.#pending[start] === 0x0d || this.#pending[start] === 0x0a) start++;
    if (start > 0) this.#pending = this.#pending.subarray(start);
    if (this.#pending.length === 0) return undefined;
    return this.#pending[0] === 0x24 ? this.#takeFrame() : this.#takeRequest();
  }

  #takeFrame(): RtspInput | undefined {
    if (this.#pending.length < 4) return undefined;
    const end = 4 + this.#pending.readUInt16BE(2);
    if (this.#pending.length < end) return undefined;
    const channel = this.#pending[1] ?? 0;
    this.#pending = this.#pending.subarray(end);
    return { kind: 'frame', channel };
  }

  #takeRequest(): RtspInput | undefined {
    const headEnd = this.#pending.indexOf('\r\n\r\n');
    if (headEnd > MAX_HEAD || (headEnd < 0 && this.#pending.length > MAX_HEAD)) {
      throw new Error('the head of a request is too long');
    }
    if (headEnd < 0) return undefined;
    const head = parseHead(this.#pending.toString('utf8', 0, headEnd));
    const length = Number(head.headers.get('content-length') ?? 0);
    if (!Number.isInteger(length) || length < 0 || length > MAX_BODY) {
      throw new Error('the length of a request body is not acceptable');
    }
    const end = headEnd + 4 + length;
    if (this.#pending.length < end) return undefined;
    const body = Buffer.from(this.#pending.subarray(headEnd + 4, end));
    this.#pending = this.#pending.subarray(end);
    return { kind: 'request', request: { ...head, body } };
  }
}

function parseHead(head: string): Omit<RtspRequest, 'body'> {
  const [first = '', ...lines] = head.split('\r\n');
  const start = /^([A-Z_]{1,32}) (\S{1,2048}) RTSP\/1\.\d$/.exec(first.trimEnd());
  if (start === null) throw new Error('a request line is not RTSP/1.0');
  if (lines.length > MAX_HEADERS) throw new Error('a request has too many headers');
  const headers = new Map<string, string>();
  for (const line of lines) {
    const colon = line.indexOf(':');
    if (colon <= 0) throw new Error('a header has no name');
    headers.set(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim());
  }
  return { method: start[1] ?? '', url: start[2] ?? '', headers };
}
