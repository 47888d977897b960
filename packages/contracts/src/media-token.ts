import { z } from 'zod';
import { CameraId, ProfileName, Protocol, SessionId, StreamPath, UserId } from './ids.ts';

/** JWT `iss` and `aud` of media tokens; EdDSA, JWKS at /.well-known/jwks.json. */
export const MEDIA_TOKEN_ISSUER = 'vedette';
export const MEDIA_TOKEN_AUDIENCE = 'vedette-media';
export const MEDIA_TOKEN_SECONDS = 300;
/** Once granted, a node lets a view reconnect this long, revocation excepted, even with control away. */
export const VIEW_RECONNECT_SECONDS = 3600;

/** Claims beside iss, aud, iat, exp. One token covers every granted profile and protocol of one view. */
export const MediaClaims = z.object({
  sub: UserId,
  sid: SessionId,
  cam: CameraId,
  /** Granted streams: profile to its path on the node. */
  paths: z.partialRecord(ProfileName, StreamPath),
  protocols: z.array(Protocol).min(1),
});
export type MediaClaims = z.infer<typeof MediaClaims>;
