import type { Protocol, StartAnswer } from '@vedette/contracts';
import type { ViewRecord } from '../state/shared-state.ts';
import type { MediaTokenIssuer } from '../tokens/media-token-issuer.ts';

/** What a player needs to reach its view. */
export type ViewLink = Pick<StartAnswer, 'url' | 'token' | 'expiresAt' | 'fallbacks'>;

/** Absolute address of a stream on a node; for HLS the token is part of it. */
export function viewUrl(publicUrl: string, protocol: Protocol, path: string, token: string): string {
  const base = publicUrl.replace(/\/+$/, '');
  return protocol === 'webrtc' ? `${base}/whep/${path}` : `${base}/hls/${token}/${path}/index.m3u8`;
}

/** One fresh token that covers the view's path over everything it was granted, and the addresses that take it. */
export async function linkView(
  view: ViewRecord,
  publicUrl: string,
  tokens: Pick<MediaTokenIssuer, 'issueMediaToken'>,
): Promise<ViewLink> {
  const { cameraId, granted, path, profile, protocol, sessionId, userId } = view;
  const { expiresAtMs, token } = await tokens.issueMediaToken({
    sub: userId,
    sid: sessionId,
    cam: cameraId,
    paths: { [profile]: path },
    protocols: [...granted],
  });
  return {
    url: viewUrl(publicUrl, protocol, path, token),
    token,
    expiresAt: new Date(expiresAtMs).toISOString(),
    fallbacks: granted
      .filter((other) => other !== protocol)
      .map((other) => ({ protocol: other, profile, url: viewUrl(publicUrl, other, path, token), token })),
  };
}
