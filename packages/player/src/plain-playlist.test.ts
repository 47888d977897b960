import { describe, expect, it } from 'vitest';
import { plainPlaylist } from './plain-playlist.ts';

const HEAD = `#EXTM3U
#EXT-X-VERSION:9
#EXT-X-TARGETDURATION:10
#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK=0.6,HOLD-BACK=30,CAN-SKIP-UNTIL=60
#EXT-X-PART-INF:PART-TARGET=0.2
#EXT-X-MEDIA-SEQUENCE:7
`;
const part = (name: string) => `#EXT-X-PART:DURATION=0.2,URI="${name}"\n`;
const COMPLETE = `${['a0', 'a1', 'a2', 'a3'].map(part).join('')}#EXTINF:0.8,\na.mp4\n`;
const OPEN = ['b0', 'b1', 'b2', 'b3', 'b4', 'b5'].map(part).join('');
const HINT = '#EXT-X-PRELOAD-HINT:TYPE=PART,URI="b6"\n';
const TEXT = HEAD + COMPLETE + OPEN + HINT;

describe('a low-latency playlist for a tile that reloads by the clock', () => {
  it('cannot block, is reloaded every second, and holds back what comes in a second', () => {
    const plain = plainPlaylist(TEXT, 'parts', false);
    expect(plain).toContain('#EXT-X-TARGETDURATION:1\n');
    expect(plain).toContain('#EXT-X-SERVER-CONTROL:HOLD-BACK=1.700,PART-HOLD-BACK=1.700\n');
    expect(plain).toContain('b5');
  });

  it('ends, the first time, where hls.js will turn from segments to parts', () => {
    const plain = plainPlaylist(TEXT, 'parts', true);
    expect(plain).toContain('b2');
    expect(plain).not.toContain('b3');
    expect(plain).toContain(HINT);
  });

  it('has no parts where whole segments are played', () => {
    const plain = plainPlaylist(TEXT, 'segments', false);
    expect(plain).not.toMatch(/PART|PRELOAD/);
    expect(plain).toContain('#EXT-X-TARGETDURATION:1\n');
    expect(plain).toContain('HOLD-BACK=2.300\n');
    expect(plain).toContain('a.mp4');
  });

  it('leaves a multivariant playlist alone', () => {
    const text = '#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\nstream.m3u8\n';
    expect(plainPlaylist(text, 'parts', true)).toBe(text);
  });
});
