import {
  type AuditEvent,
  CameraId,
  HOME_TENANT,
  NodeId,
  type NodeSession,
  SessionId,
  StartAnswer,
  StreamPath,
  UserId,
} from '@vedette/contracts';
import { describe, expect, it } from 'vitest';
import { HeldClock } from '../../../../tests/support/held-clock.ts';
import { ViewAudit } from './view-audit.ts';

const answer = StartAnswer.parse({
  sessionId: SessionId.parse('s1'),
  cameraId: CameraId.parse('c1'),
  protocol: 'webrtc',
  profile: 'main',
  url: '',
  token: '',
  expiresAt: '2026-11-21T00:00:00Z',
  node: NodeId.parse('node-1'),
  iceServers: [],
  fallbacks: [],
  decision: [{ step: 'policy', result: 'webrtc', rule: 'police-first', reason: '' }],
});
const principal = {
  kind: 'user',
  id: UserId.parse('u1'),
  name: 'olga',
  role: 'operator',
  tenantId: HOME_TENANT,
  grants: [],
} as const;
const asked = { principal, cameraId: answer.cameraId, clientAddress: '10.0.0.9', requestId: 'r1' };

function setUp(options: { written?: boolean } = {}) {
  const clock = new HeldClock();
  const written: Omit<AuditEvent, 'at'>[] = [];
  const logged: Omit<AuditEvent, 'at'>[] = [];
  let seen: NodeSession | undefined;
  const audit = new ViewAudit({
    tell: () => undefined,
    audit: { append: (event) => void written.push(event) },
    viewLog: { ended: (event) => void logged.push(event), wasWritten: async () => options.written ?? false },
    camera: async () => ({ name: 'Gate', tenantId: HOME_TENANT }),
    viewer: async (id) => ({ kind: 'user', id, name: 'olga' }),
    seen: () => seen,
    clock,
  });
  const startedAtMs = clock.wallNow();
  const { cameraId, node: nodeId, profile, protocol, sessionId } = answer;
  const view = { cameraId, nodeId, profile, protocol, sessionId, startedAtMs, userId: principal.id };
  const session = (change: Partial<NodeSession> = {}): NodeSession => ({
    sessionId,
    userId: principal.id,
    cameraId,
    profile,
    path: StreamPath.parse('cam_c1'),
    protocol,
    protocols: ['webrtc'],
    connectedAt: startedAtMs + 1000,
    clientAddress: '10.0.0.7',
    bytesSent: 1_000_000,
    framesSent: 200,
    framesDropped: 50,
    packetsLost: 3,
    rttMs: 4,
    pictureSeconds: 8,
    ...change,
  });
  const told = (change: Partial<NodeSession> = {}, reason: 'viewer_left' | 'revoked' = 'revoked') => ({
    sessionId,
    reason,
    endedAt: clock.wallNow(),
    seconds: 1,
    bytesSent: 1,
    last: session(change),
  });
  const end = (
    state: 'connected' | 'granted' = 'connected',
    reason: 'revoked' | 'never_connected' = 'revoked',
  ) => audit.ended({ view: { ...view, state }, reason, endedAtMs: clock.wallNow() });
  const nobody = new Set<SessionId>();
  const ends = () => written.filter(({ kind }) => kind === 'view-ended');
  return {
    audit,
    clock,
    end,
    ends,
    logged,
    nobody,
    nodeId,
    see: (s: NodeSession) => (seen = s),
    session,
    told,
    written,
  };
}

describe('what is written down of a view', () => {
  it('holds the case number or reason that was given, at its start, its end and its refusal', async () => {
    const { audit, clock, end, written } = setUp();
    audit.granted({ ...asked, request: { reason: 'case 17' } }, answer);
    await clock.pass(0);
    audit.refused({ ...asked, request: { reason: 'case 18' } }, 'at_capacity');
    end('granted', 'never_connected');
    await clock.pass(0);
    audit.granted({ ...asked, request: {} }, answer);
    await clock.pass(0);
    expect(written.map(({ data, kind }) => [kind, data['statedReason']])).toEqual([
      ['view-started', 'case 17'],
      ['view-refused', 'case 18'],
      ['view-ended', 'case 17'],
      ['view-started', undefined],
    ]);
  });

  it('holds at its end what its node says that it sent, by which rule, and from where it was asked', async () => {
    const { audit, clock, end, ends, logged, nobody, nodeId, told } = setUp();
    audit.granted({ ...asked, request: {} }, answer);
    await clock.pass(10_000);
    end();
    await clock.pass(200);
    expect(ends()).toEqual([]);
    await audit.told(nodeId, [told()], nobody);
    await clock.pass(0);
    expect(ends()).toMatchObject([
      {
        actor: { kind: 'user', id: 'u1', name: 'olga' },
        clientAddress: '10.0.0.7',
        data: {
          cameraName: 'Gate',
          reason: 'revoked',
          seconds: 10,
          connected: true,
          connectedSeconds: 9.2,
          pictureSeconds: 8,
          bytesSent: 1_000_000,
          framesSent: 200,
          framesDropped: 50,
          packetsLost: 3,
          framesPerSecond: 25,
          droppedShare: 0.2,
          protocols: ['webrtc'],
          profile: 'main',
          node: 'node-1',
          figures: 'final',
          rule: 'police-first',
          askedFrom: '10.0.0.9',
        },
      },
    ]);
    expect(logged).toEqual(ends());
  });

  it('holds what was last heard of when the node says no more, and says so', async () => {
    const { clock, end, ends, see, session } = setUp();
    see(session());
    end();
    await clock.pass(2999);
    expect(ends()).toEqual([]);
    await clock.pass(1);
    expect(ends()).toMatchObject([{ data: { framesSent: 200, figures: 'last-report' } }]);
  });

  it('says of a view that never connected that it did not, with no figures', async () => {
    const { clock, end, ends } = setUp();
    await clock.pass(30_000);
    end('granted', 'never_connected');
    await clock.pass(0);
    expect(ends()).toMatchObject([{ data: { connected: false, seconds: 30, protocols: [] } }]);
    expect(ends()[0]?.data).not.toHaveProperty('framesSent');
  });

  it('says of a view that was over before its node could report it what it was sent all the same', async () => {
    const { audit, clock, end, ends, nobody, nodeId, told } = setUp();
    end('granted');
    await audit.told(nodeId, [told()], nobody);
    await clock.pass(0);
    expect(ends()).toMatchObject([{ data: { connected: true, pictureSeconds: 8 } }]);
  });

  it('adds up a view that left and came back, however often its node says so', async () => {
    const { audit, clock, end, ends, nobody, nodeId, session, told } = setUp();
    const left = told();
    await audit.told(nodeId, [left], new Set([left.sessionId]));
    await audit.told(nodeId, [left], new Set([left.sessionId]));
    await clock.pass(10_000);
    end();
    await clock.pass(0);
    await audit.told(nodeId, [left, told({ ...session(), pictureSeconds: 2, protocols: ['hls'] })], nobody);
    await clock.pass(0);
    expect(ends()).toMatchObject([
      { data: { pictureSeconds: 10, bytesSent: 2_000_000, protocols: ['webrtc', 'hls'] } },
    ]);
  });

  it('believes of the seconds on screen no more than there were', async () => {
    const { audit, clock, end, ends, nobody, nodeId, told } = setUp();
    audit.onScreen(answer.sessionId, 4);
    audit.onScreen(answer.sessionId, 1_000_000);
    audit.onScreen(answer.sessionId, 3);
    await clock.pass(10_000);
    end();
    await audit.told(nodeId, [told()], nobody);
    await clock.pass(0);
    expect(ends()).toMatchObject([{ data: { onScreenSeconds: 10 } }]);
  });

  it('is made up for when the view ended while control was away, once', async () => {
    const { audit, clock, ends, nobody, nodeId, told } = setUp();
    await audit.told(nodeId, [told({}, 'viewer_left')], nobody);
    await audit.told(nodeId, [told({}, 'viewer_left')], nobody);
    await clock.pass(5000);
    expect(ends()).toMatchObject([
      { actor: { id: 'u1' }, data: { reason: 'viewer_left', pictureSeconds: 8, figures: 'final' } },
    ]);
    const again = setUp({ written: true });
    await again.audit.told(nodeId, [told()], nobody);
    await again.clock.pass(5000);
    expect(again.ends()).toEqual([]);
  });

  it('is written at once when control ends', async () => {
    const { audit, clock, end, ends, see, session } = setUp();
    see(session());
    end();
    await clock.pass(0);
    audit.close();
    expect(ends()).toMatchObject([{ data: { framesSent: 200, figures: 'last-report' } }]);
    await clock.pass(5000);
    expect(ends()).toHaveLength(1);
  });
});
