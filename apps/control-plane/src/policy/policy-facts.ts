import type { BooleanFact, CameraId, GroupId, NumberFact, Role, SiteId, UserId } from '@vedette/contracts';

/** What is known when somebody asks to watch; undefined is not known, and never counts as true. */
export interface PolicyFacts {
  readonly cameraId: CameraId;
  readonly tags: readonly string[];
  readonly groupIds: readonly GroupId[];
  readonly siteId: SiteId | null;
  /** Of the source. */
  readonly kind: string;
  readonly viewerId: UserId | undefined;
  readonly role: Role;
  /** IPv4 or IPv6. */
  readonly address: string | undefined;
  readonly dashboard: string | undefined;
  readonly numbers: Readonly<Record<NumberFact, number | undefined>>;
  readonly booleans: Readonly<Record<BooleanFact, boolean | undefined>>;
  /** Ms since the Unix epoch. */
  readonly nowMs: number;
}
