import type { ResolvedProfile, StoredSource } from './camera-record.ts';

const UNKNOWN = { codec: null, width: null, height: null, frameRate: null };

/** What needs no asking: what was given. An ONVIF camera must be asked for all. */
export function knownProfiles(source: StoredSource): ResolvedProfile[] {
  switch (source.kind) {
    case 'onvif':
      return [];
    case 'rtsp': {
      const main = { name: 'main' as const, url: source.url, ...UNKNOWN };
      if (source.subUrl === undefined) return [main];
      return [main, { name: 'sub' as const, url: source.subUrl, ...UNKNOWN }];
    }
    case 'file':
    case 'http':
    case 'http-audio':
    case 'publish':
      return [{ name: 'main', url: '', ...UNKNOWN }];
  }
}
