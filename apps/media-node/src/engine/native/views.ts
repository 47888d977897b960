// Enters each way out's own viewers into the engine's registry, under one form, and takes them out again.
import type { MediaClaims, Protocol, ReasonCode, SessionId } from '@vedette/contracts';
import { VedetteError } from '@vedette/runtime';
import type { HlsViewer } from '../../egress/hls/hls-viewer.ts';
import type { RtspViewer } from '../../egress/rtsp/rtsp-out.ts';
import type { WhepViewer } from '../../egress/whep/whep-routes.ts';
import { viewFacts } from '../view-facts.ts';
import type { View } from '../view-registry.ts';
import type { NativeEngine } from './native-engine.ts';
import { RtspPlayers } from './rtsp-players.ts';

interface ViewsOptions {
  readonly engine: NativeEngine;
  readonly onEnded: (
    view: { sessionId: string; cameraId: string; protocol: Protocol },
    reason: ReasonCode,
  ) => void;
}

const RETRY_SECONDS = 2;

/** Viewers of WHEP as views; `admit` holds the stream's own limit, whatever control thought. */
export function whepView({ engine, onEnded }: ViewsOptions) {
  const views = new Map<WhepViewer, View>();
  return {
    admit(path: string, claims: MediaClaims): void {
      const limit = engine.stream(path)?.desired.maxWebrtcViewers ?? 0;
      const others = engine.views
        .sessions()
        .filter(
          (session) =>
            session.path === path && session.protocol === 'webrtc' && session.sessionId !== claims.sid,
        );
      if (others.length >= limit) throw new VedetteError('at_capacity', { retryAfterSeconds: RETRY_SECONDS });
    },
    join(viewer: WhepViewer): void {
      const { session } = viewer;
      const view: View = {
        ...viewFacts(viewer.claims, viewer.path, viewer.clientAddress, 'webrtc'),
        stats: () => session.stats(),
        connected: () => session.stats().state === 'connected',
        close: (reason) => session.close(reason),
      };
      views.set(viewer, view);
      engine.views.add(view);
    },
    opened(_viewer: WhepViewer): void {
      engine.views.touched();
    },
    leave(viewer: WhepViewer, reason: ReasonCode): void {
      const view = views.get(viewer);
      if (view === undefined) return;
      views.delete(viewer);
      engine.views.remove(view, reason);
      onEnded(view, reason);
    },
  };
}

/** Viewers of HLS as views. */
export function hlsView({ engine, onEnded }: ViewsOptions) {
  const views = new Map<HlsViewer, View>();
  return {
    join(viewer: HlsViewer): void {
      const view: View = {
        ...viewFacts(viewer.claims, viewer.path, viewer.clientAddress, 'hls'),
        stats: () => ({ ...viewer.stats(), framesDropped: 0, packetsLost: 0, rttMs: null }),
        connected: () => true,
        close: (reason) => viewer.close(reason),
      };
      views.set(viewer, view);
      engine.views.add(view);
    },
    leave(viewer: HlsViewer, reason: ReasonCode): void {
      const view = views.get(viewer);
      if (view === undefined) return;
      views.delete(viewer);
      engine.views.remove(view, reason);
      onEnded(view, reason);
    },
  };
}

/** Viewers of RTSP as views. One token may serve several players at once: together they are one view. */
export function rtspView({ engine, onEnded }: ViewsOptions) {
  const views = new Map<SessionId, { readonly view: View; readonly players: RtspPlayers }>();
  return {
    join(viewer: RtspViewer): void {
      const { sid } = viewer.claims;
      const known = views.get(sid);
      if (known !== undefined) {
        known.players.add(viewer);
        return;
      }
      const players = new RtspPlayers(viewer);
      const view: View = {
        ...viewFacts(viewer.claims, viewer.path, viewer.clientAddress, 'rtsp'),
        stats: () => ({ ...players.stats(), packetsLost: 0, rttMs: null }),
        connected: () => true,
        close: (reason) => players.close(reason),
      };
      views.set(sid, { view, players });
      engine.views.add(view);
    },
    leave(viewer: RtspViewer, reason: ReasonCode): void {
      const { sid } = viewer.claims;
      const known = views.get(sid);
      if (known === undefined || !known.players.remove(viewer) || known.players.size > 0) return;
      views.delete(sid);
      engine.views.remove(known.view, reason);
      onEnded(known.view, reason);
    },
  };
}
