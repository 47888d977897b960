import type { AuditEntry, AuditKind } from '@vedette/contracts';

/** In the order of the filter. */
export const AUDIT_KINDS: readonly { readonly value: AuditKind; readonly label: string }[] = [
  { value: 'view-started', label: 'View started' },
  { value: 'view-ended', label: 'View ended' },
  { value: 'view-refused', label: 'View refused' },
  { value: 'view-revoked', label: 'View ended for somebody' },
  { value: 'signed-in', label: 'Signed in' },
  { value: 'sign-in-refused', label: 'Sign-in refused' },
  { value: 'signed-out', label: 'Signed out' },
  { value: 'password-changed', label: 'Password changed' },
  { value: 'camera-created', label: 'Camera added' },
  { value: 'camera-changed', label: 'Camera changed' },
  { value: 'camera-deleted', label: 'Camera deleted' },
  { value: 'camera-probed', label: 'Camera or address tried' },
  { value: 'cameras-imported', label: 'Cameras imported' },
  { value: 'cameras-exported', label: 'Cameras exported' },
  { value: 'discovery-begun', label: 'Search for cameras' },
  { value: 'user-created', label: 'User added' },
  { value: 'user-changed', label: 'User changed' },
  { value: 'user-deleted', label: 'User deleted' },
  { value: 'token-created', label: 'API token made' },
  { value: 'token-revoked', label: 'API token revoked' },
  { value: 'tenant-created', label: 'Tenant added' },
  { value: 'tenant-changed', label: 'Tenant changed' },
  { value: 'tenant-deleted', label: 'Tenant deleted' },
  { value: 'site-created', label: 'Site added' },
  { value: 'site-changed', label: 'Site changed' },
  { value: 'site-deleted', label: 'Site deleted' },
  { value: 'group-created', label: 'Group added' },
  { value: 'group-changed', label: 'Group changed' },
  { value: 'group-deleted', label: 'Group deleted' },
  { value: 'recorder-created', label: 'Recorder added' },
  { value: 'recorder-changed', label: 'Recorder changed' },
  { value: 'recorder-deleted', label: 'Recorder deleted' },
  { value: 'alert-target-created', label: 'Alert target added' },
  { value: 'alert-target-changed', label: 'Alert target changed' },
  { value: 'alert-target-deleted', label: 'Alert target deleted' },
  { value: 'keys-rotated', label: 'Keys rotated' },
  { value: 'limits-changed', label: 'Limits changed' },
  { value: 'policy-changed', label: 'Policy changed' },
  { value: 'incident-begun', label: 'Incident begun' },
  { value: 'incident-ended', label: 'Incident ended' },
  { value: 'alarm-raised', label: 'Alarm raised' },
  { value: 'node-drain-begun', label: 'Node drain begun' },
  { value: 'node-drain-ended', label: 'Node drain ended' },
  { value: 'audit-exported', label: 'Audit exported' },
];

export function kindLabel(kind: AuditKind): string {
  return AUDIT_KINDS.find(({ value }) => value === kind)?.label ?? kind;
}

/** What the entry is about, in a few words; the whole of it is one press away. */
export function auditSubject({ cameraId, data, kind }: AuditEntry): string {
  const text = (name: string) => (typeof data[name] === 'string' ? data[name] : undefined);
  const nameIn = (name: string) => {
    const part = data[name];
    return typeof part === 'object' && part !== null && 'name' in part && typeof part.name === 'string'
      ? part.name
      : undefined;
  };
  const count = (name: string) => (typeof data[name] === 'number' ? data[name] : 0);
  const list = (name: string) => (Array.isArray(data[name]) ? data[name].join(', ') : '');
  const camera = text('cameraName') ?? nameIn('after') ?? nameIn('before') ?? cameraId ?? '';
  switch (kind) {
    case 'view-started':
      return [camera, text('protocol'), text('profile'), text('statedReason')].filter(Boolean).join(' · ');
    case 'view-ended': {
      const seconds = data['pictureSeconds'] ?? data['connectedSeconds'];
      const came = typeof seconds === 'number' ? `${Math.round(seconds)} s of pictures` : undefined;
      const what = data['connected'] === false ? 'never connected' : came;
      return [camera, text('reason')?.replaceAll('_', ' '), what].filter(Boolean).join(' · ');
    }
    case 'view-refused':
      return [camera, text('reason')?.replaceAll('_', ' ')].filter(Boolean).join(' · ');
    case 'sign-in-refused':
      return text('name') ?? '';
    case 'audit-exported':
      return text('format') === 'csv' ? 'as a table' : 'as JSON lines';
    case 'signed-in':
    case 'signed-out':
    case 'password-changed':
      return '';
    case 'camera-probed':
      return text('host') ?? camera;
    case 'cameras-imported':
      return `${count('create')} added, ${count('update')} changed, ${count('error')} refused`;
    case 'cameras-exported':
      return `${count('cameras')} as ${text('format') ?? ''}`;
    case 'discovery-begun':
      return [list('ranges'), list('interfaces')].filter(Boolean).join(', ') || 'all networks';
    case 'token-revoked':
      return text('id') ?? '';
    default:
      return camera;
  }
}
