import type { Camera } from '@vedette/contracts';

/** Where a camera is, in one line. */
export function sourceAddress(source: Camera['source']): string {
  switch (source.kind) {
    case 'rtsp':
    case 'http':
    case 'http-audio':
      return source.url;
    case 'onvif':
      return `onvif://${bracketed(source.host)}:${source.port}`;
    case 'file':
      return source.file;
    case 'publish':
      return source.port === undefined
        ? `by ${source.via.toUpperCase()}`
        : `by ${source.via.toUpperCase()}, port ${source.port}`;
  }
}

/** A host as it stands in a URL. */
export function bracketed(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}
