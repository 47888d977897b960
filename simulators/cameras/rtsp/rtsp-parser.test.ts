import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RtspParser } from './rtsp-parser.ts';

const STREAM = Buffer.concat([
  Buffer.from('OPTIONS rtsp://h/main RTSP/1.0\r\nCSeq: 1\r\n\r\n'),
  Buffer.of(0x24, 1, 0, 4, 1, 2, 3, 4),
  Buffer.from(
    '\r\nSET_PARAMETER rtsp://h/main RTSP/1.0\r\ncseq:2 \r\nContent-Length: 5\r\nSession: A;timeout=60\r\n\r\nab\r\nc',
  ),
  Buffer.of(0x24, 3, 0, 0),
]);

function summary(inputs: ReturnType<RtspParser['push']>) {
  return inputs.map((input) =>
    input.kind === 'frame'
      ? `frame ${input.channel}`
      : `${input.request.method} ${input.request.headers.get('cseq')} ${input.request.body}`,
  );
}

describe('RtspParser', () => {
  it('finds requests and interleaved frames however the bytes are cut', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 60 }), (cuts) => {
        const parser = new RtspParser();
        const inputs: string[] = [];
        let at = 0;
        for (const cut of [...cuts, STREAM.length]) {
          inputs.push(...summary(parser.push(Buffer.from(STREAM.subarray(at, at + cut)))));
          at += cut;
        }
        expect(inputs).toEqual(['OPTIONS 1 ', 'frame 1', 'SET_PARAMETER 2 ab\r\nc', 'frame 3']);
      }),
    );
  });

  it('holds no more than a head and a body, and throws sentences only', () => {
    const refused = (text: string) => () => new RtspParser().push(Buffer.from(text));
    expect(refused('x'.repeat(9000))).toThrow('too long');
    expect(refused('GET / HTTP/1.1\r\n\r\n')).toThrow('not RTSP');
    expect(refused('OPTIONS * RTSP/1.0\r\nContent-Length: 99999999\r\n\r\n')).toThrow('length');
    expect(refused('OPTIONS * RTSP/1.0\r\nContent-Length: -1\r\n\r\n')).toThrow('length');
    expect(refused(`OPTIONS * RTSP/1.0\r\n${'a: b\r\n'.repeat(100)}\r\n`)).toThrow('too many headers');
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        try {
          new RtspParser().push(Buffer.from(bytes));
        } catch (error) {
          expect((error as Error).constructor).toBe(Error);
        }
      }),
    );
  });
});
