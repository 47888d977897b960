import { opusSamples, parseAacConfig, parseAdtsFrame, parseMp3Frame } from '@vedette/bitstream';
import type { EncodedFrame } from '@vedette/media-types';
import { AudioReceiver, CommonStart } from '@vedette/rtp';
import { parseSdp } from '@vedette/rtsp';
import { loadSound, SOUND_CODECS } from '../../../simulators/cameras/clip/sound.ts';
import { INTERLEAVED_HEADER } from '../../../simulators/cameras/stream/packet-template.ts';
import type { Reel } from '../../../simulators/cameras/stream/reel.ts';
import { type FuzzTarget, promise, statelessTarget } from '../fuzz-target.ts';
import { PacketStream } from '../packet-stream.ts';

const sounds = await Promise.all(
  SOUND_CODECS.map(async (codec) => {
    const reel = await loadSound(codec);
    return { codec, sdp: reel.sdp, ...packetsOf(reel) };
  }),
);
const [aac] = sounds;
/** LATM frames: the same AAC behind its length instead of AU headers. */
const latm = {
  codec: 'aac as LATM',
  sdp: ['m=audio 0 RTP/AVP 97', 'a=rtpmap:97 MP4A-LATM/16000/1', 'a=fmtp:97 cpresent=0;config=400028103fc0'],
  ticks: aac?.ticks ?? 0,
  packets: (aac?.packets ?? []).map((packet) => {
    const unit = packet.subarray(16);
    const length = [...Array.from({ length: Math.floor(unit.length / 255) }, () => 255), unit.length % 255];
    return Uint8Array.from(Buffer.concat([packet.subarray(0, 12), Uint8Array.from(length), unit]));
  }),
};

function packetsOf({ pictures, clockRate, fps }: Reel) {
  const ticks = clockRate / fps;
  const packets = pictures.map(({ bytes }, i) => {
    const packet = Uint8Array.from(bytes.subarray(INTERLEAVED_HEADER));
    new DataView(packet.buffer).setUint32(4, Math.round(i * ticks));
    return packet;
  });
  return { packets, ticks: Math.round(ticks * pictures.length) };
}

/** A receiver that is fed real sound, bent. */
function audioTarget(
  sound: { codec: string; sdp: readonly string[]; packets: readonly Uint8Array[]; ticks: number },
  unordered: boolean,
): FuzzTarget {
  const [media] = parseSdp(sound.sdp.join('\r\n')).media;
  const format = media?.audio;
  if (media === undefined || format === undefined) throw new Error(`${sound.codec} is not understood`);
  return {
    name: `rtp: ${sound.codec} receiver over ${unordered ? 'UDP' : 'TCP'}`,
    inputsPerSubject: 4000,
    open: (random) => {
      const stream = new PacketStream(sound.packets, unordered, sound.ticks);
      let lastTicks = -1;
      let leadOffsetMs: number | null = null;
      const receiver = new AudioReceiver({
        trackId: 2,
        format,
        payloadType: media.payloadType,
        firstSeconds: random.below(1000),
        start: new CommonStart(),
        lead: { senderOffsetMs: () => leadOffsetMs, wallOffsetMs: () => leadOffsetMs },
        unordered,
        ssrc: 7,
        onTrack: (track) => {
          promise(
            track.clockRate > 0 && Number.isFinite(track.clockRate),
            'a clock rate is a number above zero',
          );
          promise(track.channels > 0 && track.channels <= 255, 'channels are a few');
          // Another rate is another clock.
          lastTicks = -1;
        },
        onFrame: (frame: EncodedFrame) => {
          promise(Number.isSafeInteger(frame.dtsTicks) && frame.dtsTicks >= 0, 'times are whole');
          promise(frame.ptsTicks === frame.dtsTicks, 'sound is heard in the order it is decoded');
          promise(frame.dtsTicks > lastTicks, 'times rise');
          promise(frame.key && frame.data.length > 0, 'a frame holds sound');
          promise(frame.data.length <= 1024 * 1024, 'a frame is bounded');
          promise(Number.isFinite(frame.wallClockMs), 'a wall clock is a number');
          lastTicks = frame.dtsTicks;
        },
      });
      receiver.start();
      let nowMs = 1000;
      return {
        next: (randomNow) => {
          if (randomNow.below(200) === 0)
            leadOffsetMs = randomNow.chance(30) ? null : randomNow.below(10_000);
          return stream.next(randomNow);
        },
        feed: (input) => {
          nowMs += 20;
          if (input[1] === 200 || input[1] === 203) {
            receiver.rtcp(input, nowMs, 1_700_000_000_000 + nowMs);
            receiver.receiverReport(nowMs);
          } else receiver.packet(input, nowMs, 1_700_000_000_000 + nowMs);
        },
      };
    },
  };
}

export const audioTargets: readonly FuzzTarget[] = [
  ...sounds.map((sound) => audioTarget(sound, false)),
  audioTarget(latm, false),
  ...sounds.slice(0, 2).map((sound) => audioTarget(sound, true)),
];

export const audioFrameTarget = statelessTarget({
  name: 'bitstream: ADTS, MP3 and Opus headers, AAC configurations',
  seeds: [
    ...['fff1604027' + '3ffc', 'fff348c400170112', '1408', '40002320', '2b8a0800', 'fc00', '0b'].map((hex) =>
      Uint8Array.from(Buffer.from(hex, 'hex')),
    ),
    ...sounds.flatMap(({ packets }) => packets.slice(0, 2)),
  ],
  check: (input) => {
    const adts = parseAdtsFrame(input);
    if (adts !== null) {
      promise(adts.frameBytes >= adts.headerBytes, 'a frame holds its header');
      promise(adts.sampleRate > 0 && adts.channels > 0, 'sound has a rate and channels');
    }
    const mp3 = parseMp3Frame(input);
    if (mp3 !== null)
      promise(mp3.frameBytes > 4 && mp3.frameBytes < 6000, 'a frame is longer than its header');
    const config = parseAacConfig(input);
    if (config !== null) promise(config.sampleRate > 0 && config.samplesPerFrame > 0, 'a frame lasts');
    promise(opusSamples(input) <= 5760, 'no Opus packet is longer than 120 ms');
  },
});
