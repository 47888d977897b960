import type { CameraId, Protocol, ReasonCode, SessionId, StreamPath, UserId } from '@vedette/contracts';
import { systemClock } from '@vedette/runtime';
import { describe, expect, it } from 'vitest';
import { type View, ViewRegistry } from './view-registry.ts';

function setUp() {
  let changes = 0;
  let now = 1_000_000;
  const clock = { ...systemClock, wallNow: () => now };
  const registry = new ViewRegistry({ clock, onChange: () => (changes += 1) });
  return { registry, changes: () => changes, advance: (ms: number) => (now += ms) };
}

function view(registry: ViewRegistry, sessionId: string, protocol: Protocol, connected = true): View {
  const made: View = {
    sessionId: sessionId as SessionId,
    userId: 'u1' as UserId,
    cameraId: 'c1' as CameraId,
    profile: 'main',
    path: 'cam_c1' as StreamPath,
    protocol,
    clientAddress: '127.0.0.1',
    stats: () => ({ bytesSent: 7, framesSent: 1, framesDropped: 0, packetsLost: 0, rttMs: null }),
    connected: () => connected,
    close: (reason: ReasonCode) => registry.remove(made, reason),
  };
  registry.add(made);
  return made;
}

describe('ViewRegistry', () => {
  it('counts a view once while one protocol takes over from another', () => {
    const { registry } = setUp();
    const hls = view(registry, 's1', 'hls');
    view(registry, 's1', 'webrtc', false);
    expect(registry.viewersOf('cam_c1' as StreamPath)).toBe(1);
    expect(registry.sessions()).toMatchObject([{ sessionId: 's1', protocol: 'hls' }]);
    registry.remove(hls, 'viewer_left');
    expect(registry.sessions()).toMatchObject([{ sessionId: 's1', protocol: 'webrtc' }]);
    expect(registry.drainEnded()).toEqual([]);
  });

  it('tells once how a view ended and how long it lasted', () => {
    const { registry, advance } = setUp();
    const only = view(registry, 's1', 'webrtc');
    advance(2500);
    registry.remove(only, 'viewer_silent');
    registry.remove(only, 'viewer_left');
    expect(registry.drainEnded()).toMatchObject([
      { sessionId: 's1', reason: 'viewer_silent', seconds: 2.5, bytesSent: 7 },
    ]);
    expect(registry.drainEnded()).toEqual([]);
  });

  it('ignores the end of a connection that was replaced', () => {
    const { registry } = setUp();
    const old = view(registry, 's1', 'webrtc');
    view(registry, 's1', 'webrtc');
    registry.remove(old, 'replaced');
    expect(registry.sessions()).toHaveLength(1);
    expect(registry.drainEnded()).toEqual([]);
  });

  it.each(['webrtc', 'hls', 'rtsp'] as const)('reports a view over %s', (protocol) => {
    const { registry } = setUp();
    view(registry, 's1', protocol);
    expect(registry.sessions()).toMatchObject([{ sessionId: 's1', protocol, bytesSent: 7 }]);
  });

  it('ends a view with all that it was sent, over every protocol it used', () => {
    const { registry, advance } = setUp();
    const hls = view(registry, 's1', 'hls');
    advance(1000);
    const webrtc = view(registry, 's1', 'webrtc');
    registry.remove(hls, 'viewer_left');
    advance(2000);
    expect(registry.sessions()).toMatchObject([
      { protocol: 'webrtc', bytesSent: 14, connectedAt: 1_000_000 },
    ]);
    registry.remove(webrtc, 'viewer_left');
    expect(registry.drainEnded()).toMatchObject([
      { seconds: 3, bytesSent: 14, last: { userId: 'u1', protocols: ['hls', 'webrtc'], framesSent: 2 } },
    ]);
  });

  it('ends a view on every protocol it uses', () => {
    const { registry } = setUp();
    view(registry, 's1', 'webrtc');
    view(registry, 's1', 'hls');
    registry.close('s1' as SessionId, 'revoked');
    expect(registry.sessions()).toEqual([]);
    expect(registry.drainEnded()).toMatchObject([{ reason: 'revoked' }]);
  });
});
