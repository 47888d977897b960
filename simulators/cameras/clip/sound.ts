// In: the name of a codec. Out: four seconds of a tone with a beep at each whole second, as packets for a loop.
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { type Payload, packPayloads } from '../stream/packet-template.ts';
import type { Reel } from '../stream/reel.ts';

export const SOUND_CODECS = ['aac', 'opus', 'pcmu', 'pcma', 'g722', 'g726', 'l16', 'mp3'] as const;
export type SoundCodec = (typeof SOUND_CODECS)[number];

const NOTHING = new Uint8Array(0);
const SECONDS = 4;

interface Shape {
  readonly payloadType: number;
  /** Of the RTP timestamps. */
  readonly clockRate: number;
  readonly sdp: readonly string[];
  /** The payloads of the file, all of the same duration. */
  readonly cut: (file: Buffer) => Payload[];
  /** Ticks of one packet. */
  readonly ticks: number;
}

const raw = (bytes: number) => (file: Buffer) =>
  Array.from({ length: Math.floor(file.length / bytes) }, (_, i) => ({
    head: NOTHING,
    body: file.subarray(i * bytes, (i + 1) * bytes),
  }));

/** 20 ms a packet where the codec leaves the choice (RFC 3551 section 4.2). */
const SHAPES: Record<SoundCodec, Shape> = {
  pcmu: { payloadType: 0, clockRate: 8000, sdp: [], cut: raw(160), ticks: 160 },
  pcma: { payloadType: 8, clockRate: 8000, sdp: ['a=rtpmap:8 PCMA/8000'], cut: raw(160), ticks: 160 },
  // 16000 samples a second on a clock of 8000 (RFC 3551 section 4.5.2)
  g722: { payloadType: 9, clockRate: 8000, sdp: ['a=rtpmap:9 G722/8000'], cut: raw(160), ticks: 160 },
  g726: { payloadType: 97, clockRate: 8000, sdp: ['a=rtpmap:97 G726-32/8000'], cut: raw(80), ticks: 160 },
  l16: { payloadType: 97, clockRate: 8000, sdp: ['a=rtpmap:97 L16/8000/1'], cut: raw(320), ticks: 160 },
  opus: { payloadType: 97, clockRate: 48_000, sdp: ['a=rtpmap:97 opus/48000/2'], cut: cutOgg, ticks: 960 },
  // Sampling rate index 8 (16000), one channel, AAC-LC: AudioSpecificConfig 1408.
  aac: {
    payloadType: 97,
    clockRate: 16_000,
    sdp: [
      'a=rtpmap:97 MPEG4-GENERIC/16000/1',
      'a=fmtp:97 streamtype=5;profile-level-id=1;mode=AAC-hbr;sizelength=13;indexlength=3;indexdeltalength=3;config=1408',
    ],
    cut: cutAdts,
    ticks: 1024,
  },
  // MPEG-2 layer 3 frames of 576 samples at 16000, on the clock that RFC 2250 gives all MPEG.
  mp3: { payloadType: 14, clockRate: 90_000, sdp: ['a=rtpmap:14 MPA/90000'], cut: cutMp3, ticks: 3240 },
};

/** Loads the sound in one codec. */
export async function loadSound(codec: SoundCodec): Promise<Reel> {
  const file = fileURLToPath(new URL(`../../../fixtures/sounds/sound.${codec}`, import.meta.url));
  const bytes = await readFile(file);
  const { payloadType, clockRate, sdp, cut, ticks } = SHAPES[codec];
  const pictures = cut(bytes).map((payload) =>
    packPayloads([payload], { payloadType, key: true, marker: codec === 'aac' }),
  );
  if (pictures.length === 0) throw new Error(`${file} holds no sound`);
  return {
    fps: clockRate / ticks,
    clockRate,
    pictures,
    keyIndexes: [0],
    kilobits: Math.ceil((bytes.length * 8) / SECONDS / 1000),
    sdp: [`m=audio 0 RTP/AVP ${payloadType}`, ...sdp],
  };
}

/** Packets of an Ogg stream, without the two headers (RFC 3533 section 6, RFC 7845 section 3). */
function cutOgg(file: Buffer): Payload[] {
  const packets: Buffer[] = [];
  let pieces: Buffer[] = [];
  for (let page = 0; page + 27 <= file.length; ) {
    const segments = file.readUInt8(page + 26);
    let at = page + 27 + segments;
    for (let i = 0; i < segments; i += 1) {
      const size = file.readUInt8(page + 27 + i);
      pieces.push(file.subarray(at, at + size));
      at += size;
      if (size === 255) continue;
      packets.push(Buffer.concat(pieces));
      pieces = [];
    }
    page = at;
  }
  return packets.slice(2).map((body) => ({ head: NOTHING, body }));
}

/** Frames without their ADTS headers, each behind the header section of RFC 3640: one frame, its size in 13 bits. */
function cutAdts(file: Buffer): Payload[] {
  const payloads: Payload[] = [];
  for (let at = 0; at + 7 <= file.length; ) {
    const length = (file.readUIntBE(at + 3, 3) >> 5) & 0x1fff;
    const headerBytes = (file.readUInt8(at + 1) & 1) === 1 ? 7 : 9;
    const body = file.subarray(at + headerBytes, at + length);
    const head = Buffer.from([0, 16, body.length >> 5, (body.length & 31) << 3]);
    payloads.push({ head, body });
    at += length;
  }
  return payloads;
}

/** Frames of 32 kbit/s at 16000 samples a second: 144 bytes each; behind the header of RFC 2250 section 3.5. */
function cutMp3(file: Buffer): Payload[] {
  return raw(144)(file).map(({ body }) => ({ head: Buffer.alloc(4), body }));
}
