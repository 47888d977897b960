import type { StreamSource } from '@vedette/contracts';
import { AddressRules, type Clock, silentLog, systemClock } from '@vedette/runtime';
import { PullGuards } from '../../apps/media-node/src/ingest/retry/pull-guards.ts';
import { RtspSource } from '../../apps/media-node/src/ingest/rtsp/rtsp-source.ts';
import { createSourceDialer } from '../../apps/media-node/src/ingest/source-dialer.ts';
import { SourceSupervisor } from '../../apps/media-node/src/ingest/source-supervisor.ts';

/** One camera stream that a node keeps pulling. */
export interface KeptPull {
  readonly supervisor: SourceSupervisor;
  /** Key frames so far. */
  readonly keyFrames: () => number;
}

/** As much of a node as pulls cameras: supervisors with what they share, and no viewers. */
export class PullingNode implements AsyncDisposable {
  readonly #clock: Clock = systemClock;
  readonly #dial = createSourceDialer({
    rules: new AddressRules({ networks: ['127.0.0.0/8'], ownAddresses: () => [], ownPorts: [] }),
    atOnce: 32,
  });
  readonly #guards = new PullGuards({ dial: this.#dial, clock: this.#clock, random: Math.random });
  readonly #supervisors = new Set<SourceSupervisor>();

  pull(
    source: Omit<Extract<StreamSource, { kind: 'rtsp' }>, 'kind' | 'transport'>,
    { isWatched = true, site }: { isWatched?: boolean; site?: string } = {},
  ): KeptPull {
    const whole = { kind: 'rtsp' as const, transport: 'tcp' as const, ...source };
    let keyFrames = 0;
    const supervisor = new SourceSupervisor({
      createSource: (firstTicks, onPlaying) =>
        new RtspSource({ source: whole, dial: this.#dial, clock: this.#clock, firstTicks, onPlaying }),
      sink: {
        tracks: () => undefined,
        frame: ({ key, kind }) => {
          if (key && kind === 'video') keyFrames += 1;
        },
      },
      guard: this.#guards.of({ source: whole, ...(site === undefined ? {} : { site }) }, () => isWatched),
      clock: this.#clock,
      log: silentLog(),
      onChange: () => undefined,
    });
    this.#supervisors.add(supervisor);
    return { supervisor, keyFrames: () => keyFrames };
  }

  async stop(pull: KeptPull): Promise<void> {
    this.#supervisors.delete(pull.supervisor);
    await pull.supervisor.stop();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#supervisors].map((supervisor) => supervisor.stop()));
  }
}
