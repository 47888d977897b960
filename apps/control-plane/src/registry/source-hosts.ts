import type { StoredSource } from './camera-record.ts';

/** Hosts that a source is pulled from, in small letters; `here` for what is sent to us. */
export function hostsOf(source: StoredSource): readonly string[] {
  switch (source.kind) {
    case 'onvif':
      return [source.host.toLowerCase()];
    case 'rtsp':
      return [source.url, ...(source.subUrl === undefined ? [] : [source.subUrl])].map(hostOf);
    case 'http':
    case 'http-audio':
      return [hostOf(source.url)];
    case 'file':
      return [];
    case 'publish':
      return ['here'];
  }
}

function hostOf(url: string): string {
  return new URL(url).hostname.replace(/^\[(.*)\]$/, '$1').toLowerCase();
}
