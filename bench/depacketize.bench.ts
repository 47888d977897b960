// How long one RTP packet takes from the socket's bytes to its share of a whole frame.
// Run: node bench/depacketize.bench.ts
import { VideoReceiver } from '../packages/rtp/src/index.ts';

const SPS = Buffer.from('6742c01fd9005005bbff0003000410000003001000000301e0f18324', 'hex');
const PPS = Buffer.from('68cb83cb20', 'hex');
const PAYLOAD = 1400;
const FRAMES = 6000;

/** One GOP after another of a camera with `bitsPerSecond` at 15 frames a second, 2 s GOP. */
function packets(bitsPerSecond: number): Buffer[] {
  const frameBytes = bitsPerSecond / 8 / 15;
  const out: Buffer[] = [];
  let sequence = 0;
  const push = (timestamp: number, payload: Buffer, marker: boolean): void => {
    const header = Buffer.alloc(12);
    header[0] = 0x80;
    header[1] = (marker ? 0x80 : 0) | 96;
    header.writeUInt16BE(sequence++ & 0xffff, 2);
    header.writeUInt32BE(timestamp >>> 0, 4);
    header.writeUInt32BE(1, 8);
    out.push(Buffer.concat([header, payload]));
  };
  for (let n = 0; n < FRAMES; n += 1) {
    const key = n % 30 === 0;
    if (key) for (const set of [SPS, PPS]) push(n * 6000, set, false);
    const left = Math.floor(frameBytes * (key ? 5 : 0.86));
    const type = key ? 5 : 1;
    for (let at = 0; at < left; at += PAYLOAD) {
      const end = at + PAYLOAD >= left;
      const piece = Buffer.alloc(Math.min(PAYLOAD, left - at) + 2);
      for (let i = 2; i < piece.length; i += 1) piece[i] = (i * 197 + n) & 0xff || 1;
      piece[0] = 0x7c;
      piece[1] = (at === 0 ? 0x80 : 0) | (end ? 0x40 : 0) | type;
      if (at === 0) piece[2] = 0x88;
      push(n * 6000, piece, end);
    }
  }
  return out;
}

for (const megabits of [0.4, 1, 4]) {
  const input = packets(megabits * 1_000_000);
  let bytes = 0;
  let frames = 0;
  let elapsed = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 5; round += 1) {
    frames = 0;
    bytes = 0;
    const receiver = new VideoReceiver({
      trackId: 1,
      codec: 'h264',
      payloadType: 96,
      clockRate: 90_000,
      firstTicks: 0,
      unordered: false,
      ssrc: 1,
      onTrack: () => {},
      onFrame: (frame) => {
        frames += 1;
        bytes += frame.data.byteLength;
      },
    });
    const start = performance.now();
    for (let i = 0; i < input.length; i += 1) {
      const packet = input[i];
      if (packet !== undefined) receiver.packet(packet, i, i);
    }
    elapsed = Math.min(elapsed, performance.now() - start);
  }
  const perPacket = (elapsed * 1000) / input.length;
  const core = (elapsed / 1000 / (FRAMES / 15)) * 100;
  console.log(
    `${megabits} Mbit/s: ${perPacket.toFixed(2)} µs a packet, ${((elapsed * 1000) / frames).toFixed(1)} µs a frame, ` +
      `${core.toFixed(3)} % of a core a camera (${frames} frames, ${input.length} packets, ${bytes} bytes)`,
  );
}
