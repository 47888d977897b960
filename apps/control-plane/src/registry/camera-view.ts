import type { Camera } from '@vedette/contracts';
import { type CameraRecord, offeredProfile, type StoredSource } from './camera-record.ts';
import type { CameraStatus } from './camera-status.ts';

/** A camera as the API answers it: never a password; the user name only to those who may change it. */
export function viewOfCamera(
  record: CameraRecord,
  status: CameraStatus,
  options: { readonly withUsername: boolean },
): Camera {
  return {
    id: record.id,
    name: record.name,
    source: viewOfSource(record.source, {
      hasPassword: record.sealedPassword !== null,
      withUsername: options.withUsername,
    }),
    pull: record.pull,
    idleTtlSeconds: record.idleTtlSeconds,
    siteId: record.siteId,
    groupIds: record.groupIds,
    tags: record.tags,
    tier: record.tier,
    pathName: record.pathName,
    maxConnections: record.maxConnections,
    watched: record.watched,
    renditions: record.renditions,
    outputs: record.outputs.map(({ sealedSecret, ...output }) => ({
      ...output,
      hasSecret: sealedSecret !== null,
    })),
    profiles: record.profiles.map(offeredProfile),
    device: record.device,
    state: status.state,
    reason: status.reason,
    viewers: status.viewers,
    createdAt: record.createdAt.toISOString(),
    updatedAt: record.updatedAt.toISOString(),
  };
}

function viewOfSource(
  source: StoredSource,
  { hasPassword, withUsername }: { readonly hasPassword: boolean; readonly withUsername: boolean },
): Camera['source'] {
  if (source.kind === 'file') return { ...source, hasPassword };
  const { username, ...rest } = source;
  return { ...rest, ...(withUsername && username !== undefined ? { username } : {}), hasPassword };
}
