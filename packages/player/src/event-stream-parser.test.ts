import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EventStreamParser } from './event-stream-parser.ts';

const all = (...pieces: string[]) => {
  const parser = new EventStreamParser();
  return pieces.flatMap((piece) => parser.push(piece));
};

describe('server-sent events', () => {
  it('end at an empty line and carry their type', () => {
    expect(all('event: camera.state\ndata: {"a":1}\n\n')).toEqual([
      { type: 'camera.state', data: '{"a":1}' },
    ]);
  });

  it('without data are none, and comments are passed over', () => {
    expect(all(': still here\n\n', 'retry: 2000\n\n', 'event: x\n\n')).toEqual([]);
  });

  it('join several data lines and take off one leading space only', () => {
    expect(all('data:  a\ndata:b\n\n')).toEqual([{ type: 'message', data: ' a\nb' }]);
  });

  it('do not wait for more than their own end', () => {
    const parser = new EventStreamParser();
    expect(parser.push('data: 1\n')).toEqual([]);
    expect(parser.push('\ndata: 2')).toEqual([{ type: 'message', data: '1' }]);
  });

  it('are the same however the text is cut, with any line ending', () => {
    const text = 'event: a\r\ndata: 1\r\n\r\n: c\n\ndata: 2\ndata: 3\n\nevent: b\rdata: 4\r\r';
    const whole = all(text, 'x');
    expect(whole.map(({ data }) => data)).toEqual(['1', '2\n3', '4']);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: text.length }), { maxLength: 8 }), (cuts) => {
        const points = [0, ...cuts.sort((a, b) => a - b), text.length];
        const pieces = points.slice(1).map((point, index) => text.slice(points[index], point));
        expect(all(...pieces, 'x')).toEqual(whole);
      }),
    );
  });
});
