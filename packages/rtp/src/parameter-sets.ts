import { toLengthPrefixed } from '@vedette/bitstream';
import type { VideoTrack } from '@vedette/media-types';
import type { NalRules } from './nal-rules.ts';

export type ParameterSetKind = 'vps' | 'sps' | 'pps';

/** Streams use one of each, a few use two; more is a camera that counts up, whose old ones are dropped. */
const MAX_EACH = 8;
const MAX_SET_BYTES = 4096;

/**
 * The parameter sets in force. Those that cannot be read are not taken over: empty and broken ones in the SDP
 * (Hikvision, VStarcam) are waited out, the stream brings its own.
 */
export class ParameterSets {
  readonly #rules: NalRules;
  readonly #sets: Record<ParameterSetKind, Map<number, Uint8Array>> = {
    vps: new Map(),
    sps: new Map(),
    pps: new Map(),
  };
  readonly #newest: Partial<Record<ParameterSetKind, Uint8Array>> = {};
  #version = 0;
  #prefix: Uint8Array | undefined;

  constructor(rules: NalRules) {
    this.#rules = rules;
  }

  /** Rises with every change. */
  get version(): number {
    return this.#version;
  }

  get complete(): boolean {
    return this.current !== null;
  }

  /** The newest of each; null until the codec's whole set is there. */
  get current(): VideoTrack['parameterSets'] | null {
    const { vps, sps, pps } = this.#newest;
    if (sps === undefined || pps === undefined) return null;
    if (this.#rules.codec === 'h264') return { sps, pps };
    return vps === undefined ? null : { vps, sps, pps };
  }

  /** Copies a raw NAL unit if it is a readable set of that kind. */
  offer(kind: ParameterSetKind, nal: Uint8Array): void {
    if (nal.length > MAX_SET_BYTES) return;
    const id = this.#rules.parameterSetId(kind, nal);
    if (id === null) return;
    const sets = this.#sets[kind];
    const known = sets.get(id);
    if (known !== undefined && sameBytes(known, nal)) {
      if (this.#newest[kind] !== known) this.#changed(kind, known);
      return;
    }
    const copy = Uint8Array.from(nal);
    sets.delete(id);
    sets.set(id, copy);
    const oldest = sets.keys().next().value;
    if (sets.size > MAX_EACH && oldest !== undefined) sets.delete(oldest);
    this.#changed(kind, copy);
  }

  /** All sets with their lengths, as they stand before each key frame. */
  get prefix(): Uint8Array {
    this.#prefix ??= toLengthPrefixed([
      ...this.#sets.vps.values(),
      ...this.#sets.sps.values(),
      ...this.#sets.pps.values(),
    ]);
    return this.#prefix;
  }

  #changed(kind: ParameterSetKind, newest: Uint8Array): void {
    this.#newest[kind] = newest;
    this.#prefix = undefined;
    this.#version += 1;
  }
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
