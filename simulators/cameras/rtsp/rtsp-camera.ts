import type { Clock, Log } from '@vedette/runtime';
import type { CameraCounts } from '../counts.ts';
import type { Misbehaviour } from '../faults.ts';
import type { PullLog } from '../pull-log.ts';
import type { LiveTimeline } from '../stream/live-timeline.ts';
import type { AuthScheme, Credentials } from './digest-auth.ts';
import type { ProfileName } from './stream-path.ts';

/** What the RTSP side needs of its camera. */
export interface RtspCamera {
  readonly name: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly counts: CameraCounts;
  readonly pulls: PullLog;
  readonly credentials: Credentials;
  readonly auth: readonly AuthScheme[];
  readonly keyFrameOnPlay: boolean;
  readonly udp: boolean;
  readonly sessionTimeoutMs: number;
  /** A nonce older than this is answered 401 with a new one; undefined = never. */
  readonly nonceLifeMs: number | undefined;
  misbehaviour(): Misbehaviour;
  timeline(profile: ProfileName): LiveTimeline;
  /** One microphone for all profiles; undefined when there is none. */
  sound(): LiveTimeline | undefined;
}
