import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InterleavedParser, type RtspEvent } from './interleaved-parser.ts';

function parse(chunks: readonly Buffer[]): RtspEvent[] {
  const events: RtspEvent[] = [];
  const parser = new InterleavedParser((event) => events.push(event));
  for (const chunk of chunks) parser.push(chunk);
  return events;
}

function packet(channel: number, payload: Uint8Array): Buffer {
  const head = Buffer.from([0x24, channel, payload.length >> 8, payload.length & 0xff]);
  return Buffer.concat([head, payload]);
}

const RTP = Buffer.from([0x80, 96, 0, 1, 0, 0, 0, 1, 0, 0, 0, 2, 0x65, 1, 2, 3]);
const OK = Buffer.from('RTSP/1.0 200 OK\r\nCSeq: 3\r\nSession: 12;timeout=30\r\n\r\n');
const DESCRIBED = Buffer.from('RTSP/1.0 200 OK\r\nCSeq: 2\r\nContent-Length: 5\r\n\r\nv=0\r\n');

const kinds = (events: readonly RtspEvent[]) => events.map((event) => event.kind);

describe('InterleavedParser', () => {
  it('tells responses with their bodies, packets and requests apart', () => {
    const events = parse([
      Buffer.concat([DESCRIBED, packet(0, RTP), OK, Buffer.from('OPTIONS * RTSP/1.0\r\nCSeq: 9\r\n\r\n')]),
    ]);
    expect(kinds(events)).toEqual(['response', 'packet', 'response', 'request']);
    expect(events[0]).toMatchObject({ status: 200, body: 'v=0\r\n' });
    expect(events[2]).toMatchObject({
      headers: new Map([
        ['cseq', ['3']],
        ['session', ['12;timeout=30']],
      ]),
    });
  });

  it('takes media that comes before the answer to PLAY, and stray line ends', () => {
    expect(kinds(parse([packet(0, RTP), Buffer.from('\r\n\r\n'), OK, packet(1, RTP)]))).toEqual([
      'packet',
      'response',
      'packet',
    ]);
  });

  it('skips bytes that belong to nothing up to the next plausible beginning', () => {
    const junk = Buffer.from([0xff, 0x00, 0x24, 0x90, 0x10, 0x77]);
    expect(kinds(parse([Buffer.concat([packet(0, RTP), junk, packet(0, RTP), junk, OK])]))).toEqual([
      'packet',
      'packet',
      'response',
    ]);
  });

  it('reads an empty status text, extra spaces and heads without carriage returns', () => {
    const events = parse([Buffer.from('RTSP/1.0  401\nCSeq :  7 \nWWW-Authenticate: Basic realm="a"\n\n')]);
    expect(events).toMatchObject([{ kind: 'response', status: 401 }]);
  });

  it('gives the same events however the bytes are cut', () => {
    const stream = Buffer.concat([DESCRIBED, packet(0, RTP), OK, packet(1, RTP), packet(0, RTP)]);
    const whole = parse([stream]);
    fc.assert(
      fc.property(fc.array(fc.nat(stream.length), { maxLength: 12 }), (cuts) => {
        const at = [0, ...[...cuts].sort((a, b) => a - b), stream.length];
        const chunks = at.slice(1).map((end, i) => stream.subarray(at[i], end));
        expect(parse(chunks)).toEqual(whole);
      }),
      { numRuns: 300 },
    );
  });

  it('survives any bytes: events, patience, or a bound that is exceeded', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
            fc.constant(OK),
            fc.constant(packet(0, RTP)),
          ),
          { maxLength: 8 },
        ),
        (chunks) => {
          try {
            parse(chunks);
          } catch (error) {
            expect(error).toBeInstanceOf(RangeError);
          }
        },
      ),
      { numRuns: 500 },
    );
  });

  it('refuses a head that does not end and a body that is too large', () => {
    expect(() => parse([Buffer.from(`RTSP/1.0 200 OK\r\nX: ${'x'.repeat(70_000)}`)])).toThrow(RangeError);
    expect(() => parse([Buffer.from('RTSP/1.0 200 OK\r\nContent-Length: 999999999\r\n\r\n')])).toThrow(
      RangeError,
    );
  });
});
