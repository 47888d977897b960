// In: a source, saved or not. Out: what it offers, or exactly which step failed.
// Not its job: RTSP (packages/rtsp) and ONVIF (onvif/) themselves.
import type { CameraProfile, ProbeResult, StreamSource } from '@vedette/contracts';
import type { AddressRules, Clock } from '@vedette/runtime';
import { bulkhead } from 'cockatiel';
import {
  type Device,
  type OnvifFacts,
  offeredProfile,
  type ResolvedProfile,
  type StoredSource,
} from './camera-record.ts';
import { judgedAddress } from './judged-address.ts';
import { knownProfiles } from './known-profiles.ts';
import type { OnvifReading, OnvifTarget } from './onvif/onvif-reader.ts';
import { ProbeFailure } from './probe-failure.ts';
import { rtspSourceOf } from './registry-catalog.ts';
import type { Resolve } from './source-check.ts';

/** Opens a stream until it is known what it carries. Throws ProbeFailure, or the signal's reason. */
export type ProbeStream = (
  source: Extract<StreamSource, { kind: 'rtsp' }>,
  signal: AbortSignal,
) => Promise<Omit<CameraProfile, 'name'>>;

export type ReadOnvif = (
  target: OnvifTarget & { readonly choice?: OnvifFacts['choice'] | undefined },
  signal: AbortSignal,
) => Promise<OnvifReading>;

export interface SourceToAsk {
  readonly source: StoredSource;
  /** Of the device's profiles, what somebody has chosen by hand. */
  readonly choice?: OnvifFacts['choice'] | undefined;
  readonly password: string | undefined;
}

export interface CameraReading {
  readonly profiles: readonly ResolvedProfile[];
  readonly device: Device | null;
  readonly onvif?: OnvifReading['onvif'];
}

interface CameraProberOptions {
  readonly rules: Pick<AddressRules, 'refusal'>;
  readonly resolve: Resolve;
  readonly readOnvif: ReadOnvif;
  readonly probeStream: ProbeStream;
  readonly clock: Pick<Clock, 'now'>;
}

/** Asked at once; more wait. */
const AT_ONCE = 8;
const WAITING = 2_000;

export class CameraProber {
  readonly #options: CameraProberOptions;
  readonly #gate = bulkhead(AT_ONCE, WAITING);

  constructor(options: CameraProberOptions) {
    this.#options = options;
  }

  /** What an ONVIF camera says of itself, without opening a stream. Throws ProbeFailure. */
  readOnvif(asked: SourceToAsk & { source: { kind: 'onvif' } }, signal: AbortSignal): Promise<OnvifReading> {
    return this.#gate.execute(() => this.#readOnvif(asked.source, asked, signal));
  }

  /** Opens every stream of the source. Rejects when the signal aborts, but for a timeout. */
  async probe(
    asked: SourceToAsk,
    signal: AbortSignal,
  ): Promise<{ readonly result: ProbeResult; readonly reading: CameraReading | undefined }> {
    const { clock } = this.#options;
    const begunAt = clock.now();
    const elapsedMs = () => Math.round(clock.now() - begunAt);
    try {
      const reading = await this.#gate.execute(() => this.#probe(asked, signal));
      const profiles = reading.profiles.map(offeredProfile);
      return { result: { ok: true, profiles, elapsedMs: elapsedMs() }, reading };
    } catch (error) {
      const failure = isTimeout(signal) ? new ProbeFailure('camera_timeout', 'connect') : error;
      if (!(failure instanceof ProbeFailure)) throw failure;
      const { code, step, message: detail } = failure;
      return { result: { ok: false, code, step, detail, elapsedMs: elapsedMs() }, reading: undefined };
    }
  }

  async #probe(asked: SourceToAsk, signal: AbortSignal): Promise<CameraReading> {
    const { source } = asked;
    if (source.kind !== 'rtsp' && source.kind !== 'onvif')
      return { profiles: knownProfiles(source), device: null };
    const read: CameraReading =
      source.kind === 'onvif'
        ? await this.#readOnvif(source, asked, signal)
        : { profiles: knownProfiles(source), device: null };
    const profiles: ResolvedProfile[] = [];
    // One after the other: many cameras bear few connections.
    for (const profile of read.profiles) {
      const facts = await this.#options.probeStream(
        rtspSourceOf({ source }, profile, asked.password),
        signal,
      );
      profiles.push({ ...profile, ...facts, frameRate: facts.frameRate ?? profile.frameRate });
    }
    return { ...read, profiles };
  }

  async #readOnvif(
    source: Extract<StoredSource, { kind: 'onvif' }>,
    asked: SourceToAsk,
    signal: AbortSignal,
  ): Promise<OnvifReading> {
    const { host, port, username } = source;
    const address = await judgedAddress(this.#options, host, port);
    return this.#options.readOnvif(
      { host, address, port, username, password: asked.password, choice: asked.choice },
      signal,
    );
  }
}

function isTimeout(signal: AbortSignal): boolean {
  return signal.aborted && signal.reason instanceof Error && signal.reason.name === 'TimeoutError';
}
