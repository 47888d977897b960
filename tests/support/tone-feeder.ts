// A tone of 440 Hz as a camera's sound: G.711 made here, Opus by FFmpeg.
import { type ChildProcess, spawn } from 'node:child_process';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import type { AudioTrack, EncodedFrame } from '@vedette/media-types';
import { parseRtpPacket } from '@vedette/rtp';
import { bound } from './bound.ts';

export const PCMU_TONE: AudioTrack = { kind: 'audio', id: 2, codec: 'pcmu', clockRate: 8000, channels: 1 };
export const OPUS_TONE: AudioTrack = { kind: 'audio', id: 2, codec: 'opus', clockRate: 48_000, channels: 2 };

/** What no browser takes over WebRTC. */
export const LINEAR_TONE: AudioTrack = {
  kind: 'audio',
  id: 2,
  codec: 'l16',
  clockRate: 16_000,
  channels: 1,
  samples: { bits: 16, littleEndian: true },
};

const PACKET_MS = 20;

/** Calls `sink` with 20 ms at a time, in real time, until disposed. */
export function feedPcmuTone(sink: (frame: EncodedFrame) => void): Disposable {
  return feedTone(sink, PCMU_TONE.clockRate, (samples) => Uint8Array.from(samples, mulaw));
}

export function feedLinearTone(sink: (frame: EncodedFrame) => void): Disposable {
  return feedTone(sink, LINEAR_TONE.clockRate, (samples) => {
    const data = Buffer.alloc(2 * samples.length);
    for (const [i, sample] of samples.entries()) data.writeInt16LE(sample, 2 * i);
    return data;
  });
}

function feedTone(
  sink: (frame: EncodedFrame) => void,
  rate: number,
  encode: (samples: readonly number[]) => Uint8Array,
): Disposable {
  const length = (rate * PACKET_MS) / 1000;
  const startedAt = performance.now();
  let next = 0;
  const timer = setInterval(() => {
    while (next * PACKET_MS <= performance.now() - startedAt) {
      const ticks = next * length;
      const samples = Array.from({ length }, (_, i) =>
        Math.round(12_000 * Math.sin((2 * Math.PI * 440 * (ticks + i)) / rate)),
      );
      sink(frameOf(encode(samples), ticks));
      next += 1;
    }
  }, PACKET_MS / 2);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}

export async function feedOpusTone(sink: (frame: EncodedFrame) => void): Promise<Disposable> {
  const socket: Socket = createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  let first: number | undefined;
  socket.on('message', (data) => {
    const packet = parseRtpPacket(data);
    if (packet === null || packet.payloadType > 127 || (packet.payloadType >= 64 && packet.payloadType <= 95))
      return;
    first ??= packet.timestamp;
    sink(frameOf(packet.payload, (packet.timestamp - first) >>> 0));
  });
  const child: ChildProcess = spawn(
    ...bound(
      'ffmpeg',
      [
        '-v',
        'error',
        '-re',
        '-f',
        'lavfi',
        '-i',
        'sine=frequency=440:sample_rate=48000',
        '-ac',
        '2',
        '-af',
        'volume=8dB',
      ]
        .concat(['-c:a', 'libopus', '-b:a', '64k', '-f', 'rtp', '-payload_type', '111'])
        .concat([`rtp://127.0.0.1:${socket.address().port}`]),
    ),
    { stdio: ['ignore', 'ignore', 'inherit'] },
  );
  return {
    [Symbol.dispose]: () => {
      child.kill('SIGKILL');
      socket.close();
    },
  };
}

function frameOf(data: Uint8Array, ticks: number): EncodedFrame {
  return {
    trackId: 2,
    kind: 'audio',
    dtsTicks: ticks,
    ptsTicks: ticks,
    key: true,
    data,
    parameterSetBytes: 0,
    wallClockMs: Date.now(),
  };
}

/** ITU-T G.711, µ-law. */
function mulaw(sample: number): number {
  const sign = sample < 0 ? 0x80 : 0;
  const magnitude = Math.min(32_635, Math.abs(sample)) + 132;
  const exponent = Math.max(0, 31 - Math.clz32(magnitude) - 7);
  return ~(sign | (exponent << 4) | ((magnitude >> (exponent + 3)) & 0x0f)) & 0xff;
}
