import { type AuditEntry, AuditKind, HOME_TENANT } from '@vedette/contracts';
import { describe, expect, it } from 'vitest';
import { AUDIT_KINDS, auditSubject } from './audit-words.ts';

const entry = (kind: AuditKind, data: AuditEntry['data']): AuditEntry => ({
  tenantId: HOME_TENANT,
  kind,
  at: 0,
  actor: null,
  clientAddress: null,
  requestId: null,
  cameraId: 'c1',
  sessionId: null,
  data,
  writer: 'w',
  seq: 1,
  hash: '0'.repeat(64),
});

describe('the words of the audit', () => {
  it('name every kind once', () => {
    expect(AUDIT_KINDS.map(({ value }) => value).sort()).toEqual([...AuditKind.options].sort());
  });

  it('say what an entry is about', () => {
    const started = entry('view-started', { cameraName: 'Gate', protocol: 'webrtc', profile: 'sub' });
    expect(auditSubject(started)).toBe('Gate · webrtc · sub');
    const forCase = entry('view-started', { cameraName: 'Gate', statedReason: 'case 17' });
    expect(auditSubject(forCase)).toBe('Gate · case 17');
    expect(auditSubject(entry('view-refused', { reason: 'at_capacity' }))).toBe('c1 · at capacity');
    expect(auditSubject(entry('user-changed', { before: { name: 'Anna' }, after: { name: 'Ann' } }))).toBe(
      'Ann',
    );
    const ended = { cameraName: 'Gate', reason: 'viewer_left', connected: true, pictureSeconds: 61.6 };
    expect(auditSubject(entry('view-ended', ended))).toBe('Gate · viewer left · 62 s of pictures');
    const never = { cameraName: 'Gate', reason: 'viewer_left', connected: false };
    expect(auditSubject(entry('view-ended', never))).toBe('Gate · viewer left · never connected');
    const imported = entry('cameras-imported', { format: 'csv', create: 3, update: 1, same: 9, error: 0 });
    expect(auditSubject(imported)).toBe('3 added, 1 changed, 0 refused');
    expect(auditSubject(entry('discovery-begun', { ranges: ['10.0.0.0/24'] }))).toBe('10.0.0.0/24');
    expect(auditSubject(entry('camera-probed', { host: '10.0.0.7' }))).toBe('10.0.0.7');
    expect(auditSubject(entry('sign-in-refused', { name: 'bert' }))).toBe('bert');
  });
});
