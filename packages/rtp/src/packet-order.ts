import type { RtpPacket } from './rtp-packet.ts';
import { sequenceDelta } from './serial-arithmetic.ts';

export interface PacketOrderOptions {
  /** Packets that may wait for an earlier one: 0 over TCP, where a gap is a real loss, 64 over UDP; a power of two. */
  readonly depth: number;
  /** Longest wait for an earlier packet, ms; later arrivals count as lost. */
  readonly maxWaitMs: number;
  /** `lostBefore`: packets missing right before this one. */
  readonly deliver: (packet: RtpPacket, lostBefore: number) => void;
}

/** So many packets in a row that all look old are a source that started over. */
const RESTART_AFTER = 64;
/** A jump ahead beyond this is a new numbering, not thousands of lost packets (RFC 3550 appendix A.1). */
const MAX_DROPOUT = 3000;

/** Puts packets into sequence order, drops duplicates, counts what is missing and notices restarts. */
export class PacketOrder {
  readonly #depth: number;
  readonly #maxWaitMs: number;
  readonly #deliver: (packet: RtpPacket, lostBefore: number) => void;
  readonly #waiting: (RtpPacket | undefined)[];
  #waitingCount = 0;
  #waitingSinceMs = 0;
  #next = -1;
  #oldRun = 0;
  #pendingLoss = 0;
  #lost = 0;
  #duplicates = 0;

  constructor(options: PacketOrderOptions) {
    this.#depth = options.depth;
    this.#maxWaitMs = options.maxWaitMs;
    this.#deliver = options.deliver;
    this.#waiting = new Array(options.depth).fill(undefined);
  }

  get packetsLost(): number {
    return this.#lost;
  }

  /** Old and repeated packets that were dropped. */
  get duplicates(): number {
    return this.#duplicates;
  }

  push(packet: RtpPacket, nowMs: number): void {
    if (this.#next < 0) this.#next = packet.sequence;
    const ahead = sequenceDelta(packet.sequence, this.#next);
    if (ahead === 0) {
      this.#oldRun = 0;
      this.#hand(packet, this.#pendingLoss);
      if (this.#waitingCount > 0) this.#drain(nowMs);
    } else if (ahead < 0) {
      this.#old(packet);
    } else if (ahead > MAX_DROPOUT) {
      this.#restart(packet);
    } else {
      this.#oldRun = 0;
      this.#early(packet, ahead, nowMs);
    }
  }

  #old(packet: RtpPacket): void {
    this.#oldRun += 1;
    if (this.#oldRun > RESTART_AFTER) this.#restart(packet);
    else this.#duplicates += 1;
  }

  #restart(packet: RtpPacket): void {
    this.#waiting.fill(undefined);
    this.#waitingCount = 0;
    this.#oldRun = 0;
    this.#lost += 1; // how many is unknown; that something is missing is not
    this.#hand(packet, 1);
  }

  #early(packet: RtpPacket, ahead: number, nowMs: number): void {
    if (ahead >= this.#depth) {
      // No room to wait: what lies before the window is lost, the window moves up to this packet.
      this.#skipTo((packet.sequence - Math.max(this.#depth - 1, 0)) & 0xffff, nowMs);
    }
    const distance = sequenceDelta(packet.sequence, this.#next);
    if (distance === 0) {
      this.#hand(packet, this.#pendingLoss);
      this.#drain(nowMs);
      return;
    }
    const slot = packet.sequence % this.#depth;
    if (this.#waiting[slot] !== undefined) {
      this.#duplicates += 1;
      return;
    }
    if (this.#waitingCount === 0) this.#waitingSinceMs = nowMs;
    this.#waiting[slot] = packet;
    this.#waitingCount += 1;
    if (nowMs - this.#waitingSinceMs > this.#maxWaitMs) this.#giveUp(nowMs);
  }

  /** Hands out what waits, up to but not including `sequence`; what is not there is lost. */
  #skipTo(sequence: number, nowMs: number): void {
    let steps = sequenceDelta(sequence, this.#next);
    while (steps > 0) {
      const waiting = this.#take(this.#next);
      if (waiting !== undefined) {
        this.#hand(waiting, this.#pendingLoss);
      } else if (this.#waitingCount === 0) {
        this.#lose(steps);
        this.#next = sequence;
        return;
      } else {
        this.#lose(1);
        this.#next = (this.#next + 1) & 0xffff;
      }
      steps -= 1;
    }
    this.#drain(nowMs);
  }

  /** The missing packets took too long: go on with the first that is there. */
  #giveUp(nowMs: number): void {
    while (this.#waitingCount > 0 && this.#waiting[this.#next % this.#depth]?.sequence !== this.#next) {
      this.#lose(1);
      this.#next = (this.#next + 1) & 0xffff;
    }
    this.#drain(nowMs);
  }

  #drain(nowMs: number): void {
    while (this.#waitingCount > 0) {
      const packet = this.#take(this.#next);
      if (packet === undefined) break;
      this.#hand(packet, this.#pendingLoss);
    }
    this.#waitingSinceMs = nowMs;
  }

  #take(sequence: number): RtpPacket | undefined {
    if (this.#depth === 0) return undefined;
    const slot = sequence % this.#depth;
    const packet = this.#waiting[slot];
    if (packet === undefined || packet.sequence !== sequence) return undefined;
    this.#waiting[slot] = undefined;
    this.#waitingCount -= 1;
    return packet;
  }

  #lose(count: number): void {
    this.#lost += count;
    this.#pendingLoss += count;
  }

  #hand(packet: RtpPacket, lostBefore: number): void {
    this.#next = (packet.sequence + 1) & 0xffff;
    this.#pendingLoss = 0;
    this.#deliver(packet, lostBefore);
  }
}
