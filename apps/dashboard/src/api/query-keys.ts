import type { CameraId, DeliveryState, NodeId } from '@vedette/contracts';
import type { AuditFilter } from './audit-query.ts';
import type { CameraFilter, CameraUseAsk, WatchTimeAsk } from './vedette-api.ts';

/** Keys of the query cache; the first word alone addresses every query of that kind. */
export const queryKeys = {
  cameras: ['cameras'],
  cameraList: (q: string, { group, site, tag }: CameraFilter) => ['cameras', 'list', q, site, group, tag],
  everyCamera: ['cameras', 'every'],
  cameraProfiles: (id: CameraId) => ['cameras', 'profiles', id],
  cameraHistory: (id: CameraId) => ['cameras', 'history', id],
  watchTime: (of: WatchTimeAsk) => ['watch-time', of],
  cameraUse: (of: CameraUseAsk) => ['camera-use', of],
  camera: (id: CameraId) => ['cameras', 'one', id],
  discoveryPlaces: ['discoveries', 'places'],
  discovery: (id: string) => ['discoveries', 'one', id],
  nodes: ['nodes'],
  rehearsal: (id: NodeId) => ['nodes', 'rehearsal', id],
  streams: ['streams'],
  sessions: ['sessions'],
  sessionList: (of: CameraId | undefined) => ['sessions', 'list', of ?? 'all'],
  users: ['users'],
  tokens: ['tokens'],
  sites: ['sites'],
  groups: ['groups'],
  recorders: ['recorders'],
  tenants: ['tenants'],
  alertTargets: ['alerts', 'targets'],
  alertDeliveries: (state: DeliveryState | undefined) => ['alerts', 'deliveries', state ?? 'all'],
  limits: ['limits'],
  policy: ['policy', 'now'],
  policyVersions: ['policy', 'versions'],
  policyVersion: (version: number) => ['policy', 'version', version],
  audit: (of: AuditFilter) => ['audit', of],
} as const;
