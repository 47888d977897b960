import { type MediaClaims, ProfileName, type Protocol, type StreamPath } from '@vedette/contracts';

/** What a view is, by the token that it was let in with. */
export function viewFacts(claims: MediaClaims, path: string, clientAddress: string, protocol: Protocol) {
  const profile = ProfileName.options.find((name) => claims.paths[name] === path) ?? 'main';
  return {
    sessionId: claims.sid,
    userId: claims.sub,
    cameraId: claims.cam,
    profile,
    path: path as StreamPath,
    clientAddress,
    protocol,
  };
}
