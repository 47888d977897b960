import { findStartCode } from '@vedette/bitstream';
import type { EncodedFrame, VideoCodec } from '@vedette/media-types';
import { VideoReceiver } from '@vedette/rtp';
import { type FuzzTarget, promise } from '../fuzz-target.ts';
import { PacketStream } from '../packet-stream.ts';
import { h264Packets, h265Packets } from '../real-packets.ts';

const PARAMETER_SETS: Record<VideoCodec, readonly number[]> = { h264: [7, 8], h265: [32, 33, 34] };
const DELIMITERS: Record<VideoCodec, number> = { h264: 9, h265: 35 };

/** A receiver that is fed a real stream, bent. It lives long: what it holds back must stay bounded. */
function videoTarget(
  codec: VideoCodec,
  unordered: boolean,
  packets: () => readonly Uint8Array[],
): FuzzTarget {
  return {
    name: `rtp: ${codec} receiver over ${unordered ? 'UDP' : 'TCP'}`,
    inputsPerSubject: 4000,
    open: (random) => {
      const stream = new PacketStream(packets(), unordered);
      const check = new FrameCheck(codec);
      const receiver = new VideoReceiver({
        trackId: 1,
        codec,
        payloadType: 96,
        clockRate: 90_000,
        firstTicks: 90_000,
        unordered,
        ssrc: 7,
        parameterSets: random.chance(50) ? [] : [random.bytes(random.below(40))],
        onTrack: (track) => promise(track.width > 0 && track.height > 0, 'a track has a size'),
        onFrame: (frame) => check.frame(frame, receiver.stats().packetsLost),
      });
      receiver.start();
      let nowMs = 1000;
      return {
        next: (randomNow) => stream.next(randomNow),
        feed: (input) => {
          nowMs += 3;
          if (input[1] === 200 || input[1] === 203) {
            receiver.rtcp(input, nowMs, 1_700_000_000_000 + nowMs);
            receiver.receiverReport(nowMs);
          } else receiver.packet(input, nowMs, 1_700_000_000_000 + nowMs);
        },
      };
    },
  };
}

/** What holds for every frame, whatever the camera sent. */
class FrameCheck {
  readonly #codec: VideoCodec;
  #lastDts = 0;
  #lostBefore = 0;
  #first = true;

  constructor(codec: VideoCodec) {
    this.#codec = codec;
  }

  frame(frame: EncodedFrame, packetsLost: number): void {
    if (frame.kind !== 'video') return;
    promise(Number.isSafeInteger(frame.dtsTicks) && Number.isSafeInteger(frame.ptsTicks), 'times are whole');
    promise(frame.dtsTicks > this.#lastDts, 'decode times rise');
    promise(frame.ptsTicks >= frame.dtsTicks, 'no frame is shown before it is decoded');
    promise(!this.#first || frame.key, 'the first frame is a key frame');
    promise(packetsLost === this.#lostBefore || frame.key, 'after a loss the next frame is a key frame');
    this.#lastDts = frame.dtsTicks;
    this.#lostBefore = packetsLost;
    this.#first = false;
    this.#units(frame.data, frame.key, frame.parameterSetBytes);
  }

  #units(data: Uint8Array, key: boolean, prefixBytes: number): void {
    promise(key === prefixBytes > 0, 'parameter sets stand before key frames and nowhere else');
    const seen = new Set<number>();
    let at = 0;
    let slices = 0;
    while (at < data.length) {
      const length = Buffer.from(data.buffer, data.byteOffset + at).readUInt32BE(0);
      const nal = data.subarray(at + 4, at + 4 + length);
      promise(length > 0 && nal.length === length, 'lengths add up');
      const type = this.#codec === 'h264' ? (nal[0] ?? 0) & 31 : ((nal[0] ?? 0) >> 1) & 63;
      if (at < prefixBytes) seen.add(type);
      else {
        promise(!PARAMETER_SETS[this.#codec].includes(type), 'parameter sets stand at the front only');
        promise(type !== DELIMITERS[this.#codec], 'delimiters are gone');
        promise(findStartCode(nal, 0) === -1, 'no start code hides in a unit');
        if (this.#codec === 'h264' ? type >= 1 && type <= 5 : type < 32) slices += 1;
      }
      at += 4 + length;
    }
    promise(slices > 0, 'a frame has a slice');
    if (key)
      promise(
        PARAMETER_SETS[this.#codec].every((type) => seen.has(type)),
        'the whole set is there',
      );
  }
}

export const videoTargets: readonly FuzzTarget[] = [
  videoTarget('h264', false, h264Packets),
  videoTarget('h264', true, h264Packets),
  videoTarget('h265', false, h265Packets),
  videoTarget('h265', true, h265Packets),
];
