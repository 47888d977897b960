import { describe, expect, it } from 'vitest';
import type { ConnectionStats } from './media-connection.ts';
import { StatsMeter } from './stats-meter.ts';
import { whepStats } from './whep-stats.ts';

const NOTHING: ConnectionStats = whepStats([], 0);

describe('figures of a WebRTC connection', () => {
  it('are read from the picture that comes in and the path that was chosen; bytes are those of both', () => {
    const stats = whepStats(
      [
        { type: 'inbound-rtp', kind: 'audio', bytesReceived: 7, codecId: 'C2' },
        {
          type: 'inbound-rtp',
          kind: 'video',
          codecId: 'C1',
          framesDecoded: 30,
          bytesReceived: 1000,
          framesDropped: 1,
          packetsLost: 2,
          jitter: 0.004,
        },
        { type: 'codec', id: 'C1', mimeType: 'video/H264' },
        { type: 'codec', id: 'C2', mimeType: 'audio/PCMU' },
        { type: 'candidate-pair', nominated: false, currentRoundTripTime: 9 },
        { type: 'candidate-pair', nominated: true, currentRoundTripTime: 0.02 },
      ],
      0,
    );
    expect(stats).toMatchObject({ codec: 'h264', framesDecoded: 30, bytesReceived: 1007, packetsLost: 2 });
    expect(stats.audioCodec).toBe('pcmu');
    expect(stats).toMatchObject({ jitterMs: 4, rttMs: 20, latencyMs: null });
  });

  it('are null where the browser says nothing', () => {
    expect(new Set(Object.values(NOTHING))).toEqual(new Set([null]));
  });

  it('tell a latency only when both clocks may be right', () => {
    const at = (playout: number) =>
      whepStats(
        [{ type: 'inbound-rtp', kind: 'video', estimatedPlayoutTimestamp: playout + 2_208_988_800_000 }],
        5000,
      );
    expect([at(4800).latencyMs, at(5100).latencyMs, at(-100_000).latencyMs]).toEqual([200, 0, null]);
  });
});

describe('rates', () => {
  it('cover the time since the sample before, and are unknown for the first', () => {
    const meter = new StatsMeter();
    const at = (nowMs: number, bytesReceived: number, framesDecoded: number | null, framesShown: number) =>
      meter.rates({ nowMs, connection: { ...NOTHING, bytesReceived, framesDecoded }, framesShown });
    expect(at(0, 0, 0, 0)).toEqual({ framesPerSecond: null, bitsPerSecond: null });
    expect(at(2000, 25_000, 30, 29)).toEqual({ framesPerSecond: 15, bitsPerSecond: 100_000 });
    expect(at(3000, 25_000, null, 37)).toEqual({ framesPerSecond: 8, bitsPerSecond: 0 });
  });
});
