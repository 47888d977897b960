import type { Camera } from '@vedette/contracts';

/** Where a camera is, in one line. */
export function sourceAddress(source: Camera['source']): string {
  if (source.kind === 'rtsp') return source.url;
  const host = source.host.includes(':') ? `[${source.host}]` : source.host;
  return `onvif://${host}:${source.port}`;
}
