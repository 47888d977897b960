import type { Mutator } from './mutator.ts';

/** Things that an RTP payload may claim to be: aggregates, fragments without a start, reserved types. */
const HOSTILE_STARTS = [
  [24, 0, 0],
  [24, 0xff, 0xff],
  [24, 0, 5, 0x67],
  [25, 0, 0],
  [26],
  [27],
  [28],
  [28, 0x05],
  [28, 0x45],
  [28, 0xc5],
  [28, 0x85],
  [28, 0x87],
  [28, 0x98],
  [29, 0x85],
  [30],
  [31],
  [0],
  [0x67],
  [0x68],
  [0x65],
  [0x60, 0x01],
  [0x60, 0x01, 0xff, 0xff],
  [0x62, 0x01],
  [0x62, 0x01, 0x93],
  [0x62, 0x01, 0xd3],
  [0x62, 0x01, 0x53],
  [0x62, 0x01, 0xa1],
  [0x64, 0x01],
  [0x7e, 0x01],
  [0, 0, 0, 1, 0x67],
  [0x65, 0, 0, 1, 0x41],
  [0, 0, 1, 0, 0, 1, 0x65],
].map((bytes) => Uint8Array.from(bytes));
const SENDER_REPORT = Uint8Array.from(
  Buffer.from('80c8000600000001e00000008000000000001000000000050000010081cb000100000001', 'hex'),
);
const WORDS = [
  Uint8Array.of(0, 0, 1),
  Uint8Array.of(0, 0, 0, 1),
  Uint8Array.of(0xff, 0xff),
  Uint8Array.of(0),
];

/** A real stream without end, one packet after the other: most as they are, some bent, lost, repeated or late. */
export class PacketStream {
  readonly #packets: readonly Uint8Array[];
  readonly #disorder: boolean;
  readonly #loopTicks: number;
  #at = 0;
  #sequence = 65_000;
  #timestampOffset = 0xffff_0000;
  readonly #late: Uint8Array[] = [];
  /** Share of packets that something happens to, percent; a quiet stretch lets whole frames through. */
  #trouble = 10;

  /** `ticks`: what the whole loop lasts on the clock of its stamps. */
  constructor(packets: readonly Uint8Array[], disorder: boolean, ticks = 6000 * packets.length) {
    this.#packets = packets;
    this.#disorder = disorder;
    this.#loopTicks = ticks;
  }

  next(random: Mutator): Uint8Array {
    if (random.below(400) === 0) this.#trouble = random.pick([0, 1, 3, 10, 40, 90], 0);
    if (this.#late.length > 0 && random.chance(20)) return this.#late.shift() ?? this.#following();
    if (!random.chance(this.#trouble)) return this.#following();
    switch (random.below(this.#disorder ? 9 : 8)) {
      case 0:
        this.#following();
        return this.#following();
      case 1:
        return this.#again(random);
      case 2:
        return this.#hostile(random);
      case 3:
        this.#timestampOffset = (this.#timestampOffset + random.next()) >>> 0;
        return this.#following();
      case 4:
        this.#sequence = random.below(65_536);
        return this.#following();
      case 5:
        return this.#truncated(random);
      case 6:
        return random.mutate(SENDER_REPORT, this.#packets, WORDS);
      case 7:
        return random.mutate(this.#following(), this.#packets, WORDS);
      default:
        if (this.#late.length < 80) this.#late.push(this.#following());
        return this.#following();
    }
  }

  #following(): Uint8Array {
    const packet = Uint8Array.from(this.#packets[this.#at] ?? []);
    this.#at = (this.#at + 1) % this.#packets.length;
    if (this.#at === 0) this.#timestampOffset = (this.#timestampOffset + this.#loopTicks) >>> 0;
    this.#number(packet);
    const view = new DataView(packet.buffer);
    view.setUint32(4, (view.getUint32(4) + this.#timestampOffset) >>> 0);
    return packet;
  }

  #number(packet: Uint8Array): void {
    packet[2] = this.#sequence >> 8;
    packet[3] = this.#sequence & 0xff;
    this.#sequence = (this.#sequence + 1) & 0xffff;
  }

  /** A whole header, then a payload of which only the beginning is known. */
  #hostile(random: Mutator): Uint8Array {
    const header = this.#following().subarray(0, 12);
    const start = random.pick(HOSTILE_STARTS, header);
    const body = random.chance(30) ? new Uint8Array() : random.bytes(random.below(60));
    return Uint8Array.from(Buffer.concat([header, start, body]));
  }

  #truncated(random: Mutator): Uint8Array {
    const packet = this.#following();
    return packet.subarray(0, random.below(packet.length));
  }

  #again(random: Mutator): Uint8Array {
    this.#at = Math.max(0, this.#at - random.below(20));
    if (random.chance(50)) this.#sequence = (this.#sequence - 1) & 0xffff;
    return this.#following();
  }
}
