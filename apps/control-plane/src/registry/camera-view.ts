import type { Camera } from '@vedette/contracts';
import type { CameraRecord } from './camera-record.ts';
import type { CameraStatus } from './camera-status.ts';

/** A camera as the API answers it: never a password; the user name only to those who may change it. */
export function viewOfCamera(
  record: CameraRecord,
  status: CameraStatus,
  options: { readonly withUsername: boolean },
): Camera {
  const { username, ...source } = record.source;
  const shown = options.withUsername && username !== undefined ? { username } : {};
  return {
    id: record.id,
    name: record.name,
    source: { ...source, ...shown, hasPassword: record.sealedPassword !== null },
    pull: record.pull,
    idleTtlSeconds: record.idleTtlSeconds,
    profiles: record.profiles.map(({ url: _url, ...profile }) => profile),
    device: record.device,
    state: status.state,
    reason: status.reason,
    viewers: status.viewers,
    createdAt: record.createdAt.toISOString(),
    updatedAt: record.updatedAt.toISOString(),
  };
}
