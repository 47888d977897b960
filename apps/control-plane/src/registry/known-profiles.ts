import type { ResolvedProfile, StoredSource } from './camera-record.ts';

/** What needs no asking: the URLs that were given. An ONVIF camera must be asked for all. */
export function knownProfiles(source: StoredSource): ResolvedProfile[] {
  if (source.kind === 'onvif') return [];
  const unknown = { codec: null, width: null, height: null, frameRate: null };
  const main = { name: 'main' as const, url: source.url, ...unknown };
  if (source.subUrl === undefined) return [main];
  return [main, { name: 'sub' as const, url: source.subUrl, ...unknown }];
}
