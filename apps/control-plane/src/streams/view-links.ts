import type { CameraId, MediaClaims, NodeHello, Protocol, StartAnswer } from '@vedette/contracts';
import type { ViewRecord } from '../state/shared-state.ts';
import type { MediaTokenIssuer } from '../tokens/media-token-issuer.ts';
import { type StreamableCamera, streamPath } from './camera-catalog.ts';

/** What a player needs to reach its view. */
export type ViewLink = Pick<StartAnswer, 'url' | 'token' | 'expiresAt' | 'fallbacks'>;

/** Where a node is reached. */
export type NodeAddress = Pick<NodeHello, 'publicUrl' | 'rtspUrl'>;

/** Absolute address of a stream on a node; for HLS and RTSP the token is part of it. */
export function viewUrl(node: NodeAddress, protocol: Protocol, path: string, token: string): string {
  const base = node.publicUrl.replace(/\/+$/, '');
  switch (protocol) {
    case 'webrtc':
      return `${base}/whep/${path}`;
    case 'hls':
      return `${base}/hls/${token}/${path}/index.m3u8`;
    case 'rtsp': {
      const rtsp = node.rtspUrl ?? `rtsp://${new URL(base).hostname}:8554`;
      return `${rtsp.replace(/\/+$/, '')}/${path}${token === '' ? '' : `?token=${token}`}`;
    }
  }
}

/**
 * One fresh token that covers the view over everything it was granted, and the addresses that take it. A view by HLS
 * may change between the camera's streams by itself, as its line allows: those that run with it.
 */
export async function linkView(
  view: ViewRecord,
  node: NodeAddress,
  tokens: Pick<MediaTokenIssuer, 'issueMediaToken'>,
  camera: Pick<StreamableCamera, 'profiles'> | undefined,
): Promise<ViewLink> {
  const { cameraId, granted, path, profile, protocol, sessionId, userId } = view;
  const { expiresAtMs, token } = await tokens.issueMediaToken({
    sub: userId,
    sid: sessionId,
    cam: cameraId,
    paths: { ...(granted.includes('hls') ? pathsOf(cameraId, camera) : {}), [profile]: path },
    protocols: [...granted],
  });
  return {
    url: viewUrl(node, protocol, path, token),
    token,
    expiresAt: new Date(expiresAtMs).toISOString(),
    fallbacks: granted
      .filter((other) => other !== protocol)
      .map((other) => ({ protocol: other, profile, url: viewUrl(node, other, path, token), token })),
  };
}

function pathsOf(
  cameraId: CameraId,
  camera: Pick<StreamableCamera, 'profiles'> | undefined,
): MediaClaims['paths'] {
  return Object.fromEntries((camera?.profiles ?? []).map(({ name }) => [name, streamPath(cameraId, name)]));
}
