import {
  type AuditEvent,
  CameraId,
  HOME_TENANT,
  NodeId,
  SessionId,
  StartAnswer,
  UserId,
} from '@vedette/contracts';
import { describe, expect, it } from 'vitest';
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
  decision: [],
});

describe('what is written down of a view', () => {
  it('holds the case number or reason that was given', async () => {
    const written: Omit<AuditEvent, 'at'>[] = [];
    const audit = new ViewAudit({
      audit: { append: (event) => void written.push(event) },
      camera: async () => ({ name: 'Gate', tenantId: HOME_TENANT }),
      userName: async () => 'olga',
    });
    const principal = {
      kind: 'user',
      id: UserId.parse('u1'),
      name: 'olga',
      role: 'operator',
      tenantId: HOME_TENANT,
      grants: [],
    } as const;
    const asked = { principal, cameraId: answer.cameraId, clientAddress: null, requestId: 'r1' };
    audit.granted({ ...asked, request: { reason: 'case 17' } }, answer);
    audit.granted({ ...asked, request: {} }, answer);
    await expect.poll(() => written.length).toBe(2);
    expect(written.map(({ data }) => data['statedReason'])).toEqual(['case 17', undefined]);
  });
});
