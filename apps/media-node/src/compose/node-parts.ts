import type { AddressRules, Clock, Log, Metrics } from '@vedette/runtime';
import type { FastifyInstance } from 'fastify';
import type { AdmissionPort } from '../auth/admission-port.ts';
import type { RevocationList } from '../auth/revocation-list.ts';
import type { TokenVerifier } from '../auth/token-verifier.ts';
import type { NodeConfig } from '../config.ts';
import type { Traffic } from '../engine/load-meter.ts';
import type { MediaEngine } from '../engine/media-engine.ts';
import type { StandstillWatch } from '../engine/standstill-watch.ts';
import type { RelayLinks } from '../relay/relay-links.ts';

/** What every node has, whichever engine runs its streams. */
export interface NodeTools {
  readonly config: NodeConfig;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  /** Where sources may be. */
  readonly rules: AddressRules;
  readonly verifier: TokenVerifier;
  readonly admission: AdmissionPort;
  readonly revoked: Pick<RevocationList, 'has'>;
  /** Asked before a frame goes on. */
  readonly standstill: Pick<StandstillWatch, 'check'>;
}

/** What an engine adds to them. */
export interface NodeParts {
  readonly engine: MediaEngine;
  readonly mediaRoutes: readonly ((app: FastifyInstance) => Promise<void>)[];
  readonly traffic: () => Traffic;
  /** Streams from and to other nodes; absent where the engine has no such thing. */
  readonly relay?: Pick<RelayLinks, 'identity' | 'peers'>;
  /** Ends viewers, then streams. */
  close(): Promise<void>;
}
