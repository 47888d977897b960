import { findStartCode, splitAnnexB, trimTrailingZeros } from '@vedette/bitstream';
import { AccessUnit } from './access-unit.ts';
import type { NalRules } from './nal-rules.ts';
import type { NalSink, UnpackPayload } from './payload-format.ts';
import type { RtpPacket } from './rtp-packet.ts';

export interface AccessUnitAssemblerOptions {
  readonly rules: NalRules;
  readonly unpack: UnpackPayload;
  /** A whole, undamaged access unit with at least one slice; valid until the call returns. */
  readonly onAccessUnit: (unit: AccessUnit) => void;
  readonly limitBytes?: number;
  readonly limitNals?: number;
}

/**
 * Packets in sequence order in, whole access units out. A unit ends when the timestamp changes or at a marker on a
 * slice; markers on anything else are ignored (Tapo, Reolink Duo 2, Ivel), none at all works (FLIR). A unit that lost
 * a packet is dropped. Whether what follows can be decoded is for the receiver to judge, by `damaged`.
 */
export class AccessUnitAssembler implements NalSink {
  readonly #rules: NalRules;
  readonly #unpack: UnpackPayload;
  readonly #onAccessUnit: (unit: AccessUnit) => void;
  readonly #limitBytes: number;
  readonly #limitNals: number;
  readonly #unit = new AccessUnit();
  /** A NAL unit's pieces are being collected. */
  #inFragment = false;
  /** What is left of the current picture is useless: skipped until the timestamp changes. */
  #broken = false;
  /** Packets may be missing before this unit: its first slice must be the first of its picture. */
  #suspect = true;
  #closedTimestamp = -1;
  /** False once a marker was seen in the middle of a picture: from then on only timestamps end a unit. */
  #trustsMarker = true;
  #damaged = 0;
  #skippedPayloads = 0;

  constructor(options: AccessUnitAssemblerOptions) {
    this.#rules = options.rules;
    this.#unpack = options.unpack;
    this.#onAccessUnit = options.onAccessUnit;
    this.#limitBytes = options.limitBytes ?? 8 * 1024 * 1024;
    this.#limitNals = options.limitNals ?? 1024;
  }

  /** Access units that were lost whole or in part; rises before the next good one is handed out. */
  get damaged(): number {
    return this.#damaged;
  }

  /** Payloads of unknown or contradictory form. */
  get skippedPayloads(): number {
    return this.#skippedPayloads;
  }

  packet(packet: RtpPacket, lostBefore: number, arrivalMs: number, arrivalWallMs: number): void {
    const unit = this.#unit;
    if (lostBefore > 0) this.#onLoss(packet.timestamp);
    if (packet.timestamp !== unit.timestamp) {
      if (this.#inFragment) this.#breakUnit();
      if (unit.hasSlice) this.#flush();
      this.#broken = false;
      // Parameter sets with a stamp of their own belong to the picture that follows.
      unit.timestamp = packet.timestamp;
    }
    if (unit.empty) {
      unit.arrivalMs = arrivalMs;
      unit.arrivalWallMs = arrivalWallMs;
    }
    if (packet.payload.length > 0) this.#unpack(packet.payload, this);
    if (packet.marker && this.#trustsMarker && !this.#inFragment && unit.lastIsSlice) this.#flush();
  }

  nal(nal: Uint8Array): void {
    if (nal.length < this.#rules.headerBytes) return;
    if (this.#inFragment) this.#breakUnit();
    if (this.#broken) return;
    const end = trimTrailingZeros(nal, 0, nal.length);
    if (end < nal.length) nal = nal.subarray(0, end);
    if (nal.length === 0) return;
    const kind = this.#rules.kindOf(nal[0] ?? 0);
    const isSlice = kind === 'slice' || kind === 'key-slice';
    const startsWithZeros = nal[0] === 0 && nal[1] === 0;
    if ((!isSlice || startsWithZeros) && findStartCode(nal, 0) !== -1) {
      // Annex B inside a NAL unit (V380, Amatek, Mercury): a whole picture may hide behind its SPS.
      // Slices are searched once their access unit is complete, not packet by packet.
      for (const inner of splitAnnexB(nal)) this.#add(inner);
      return;
    }
    this.#add(nal);
  }

  fragmentStart(header: Uint8Array, piece: Uint8Array): void {
    if (this.#inFragment) this.#breakUnit();
    if (this.#broken || !this.#open(header, piece)) return;
    this.#inFragment = true;
    this.#unit.append(header);
    this.#unit.append(piece);
    this.#guard();
  }

  fragment(piece: Uint8Array): void {
    if (this.#broken) return;
    if (!this.#inFragment) {
      this.#breakUnit();
      return;
    }
    this.#unit.append(piece);
    this.#guard();
  }

  fragmentEnd(): void {
    if (!this.#inFragment) return;
    this.#inFragment = false;
    const unit = this.#unit;
    const last = unit.kinds.length - 1;
    const kind = unit.kinds[last];
    if (kind === 'slice' || kind === 'key-slice') {
      const piece = unit.pieces[unit.pieces.length - 1];
      if (piece !== undefined && piece[piece.length - 1] === 0) this.#trimLastPiece(piece);
      return;
    }
    const whole = unit.unit(last);
    unit.dropLast();
    this.nal(whole);
  }

  skipped(): void {
    this.#skippedPayloads += 1;
  }

  #add(nal: Uint8Array): void {
    if (nal.length < this.#rules.headerBytes || this.#broken || !this.#open(nal, nal)) return;
    this.#unit.append(nal);
    this.#guard();
  }

  /** Begins a NAL unit; false when it must not join the current access unit. */
  #open(header: Uint8Array, firstPiece: Uint8Array): boolean {
    const unit = this.#unit;
    const kind = this.#rules.kindOf(header[0] ?? 0);
    if (kind === 'delimiter' && unit.hasSlice) this.#flush();
    if ((kind === 'slice' || kind === 'key-slice') && !unit.hasSlice) {
      const repeated = unit.timestamp === this.#closedTimestamp;
      if ((this.#suspect || repeated) && !this.#startsPicture(header, firstPiece)) {
        // Without a loss it is the rest of a picture whose end a marker announced too early.
        if (!this.#suspect) this.#trustsMarker = false;
        this.#breakUnit();
        return false;
      }
      this.#suspect = false;
    }
    unit.begin(kind);
    return true;
  }

  #startsPicture(header: Uint8Array, piece: Uint8Array): boolean {
    if (header === piece) return this.#rules.startsPicture(piece);
    const start = new Uint8Array(header.length + 1);
    start.set(header);
    start[header.length] = piece[0] ?? 0;
    return this.#rules.startsPicture(start);
  }

  #onLoss(timestamp: number): void {
    const unit = this.#unit;
    const samePicture = timestamp === unit.timestamp;
    const wasBroken = this.#broken;
    if (unit.hasSlice || this.#inFragment) this.#breakUnit();
    else if (!wasBroken) this.#damaged += 1;
    this.#broken = samePicture && (wasBroken || this.#broken);
    this.#suspect = true;
  }

  #breakUnit(): void {
    if (!this.#broken) this.#damaged += 1;
    this.#broken = true;
    this.#inFragment = false;
    this.#unit.clear();
  }

  #guard(): void {
    const unit = this.#unit;
    if (unit.bytes > this.#limitBytes || unit.kinds.length > this.#limitNals) this.#breakUnit();
  }

  #trimLastPiece(piece: Uint8Array): void {
    const unit = this.#unit;
    const end = trimTrailingZeros(piece, 0, piece.length);
    const last = unit.sizes.length - 1;
    unit.pieces[unit.pieces.length - 1] = piece.subarray(0, end);
    unit.sizes[last] = (unit.sizes[last] ?? 0) - (piece.length - end);
    unit.bytes -= piece.length - end;
  }

  #flush(): void {
    const unit = this.#unit;
    this.#closedTimestamp = unit.timestamp;
    this.#onAccessUnit(unit);
    unit.clear();
  }
}
