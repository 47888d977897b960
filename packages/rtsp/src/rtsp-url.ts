/** `rtsp://host:port` of an address, without credentials. */
export function originOf(url: URL): string {
  return `${url.protocol}//${url.host}`;
}

/** The address as it stands in requests: no credentials, path and query untouched. */
export function requestUrl(url: URL): string {
  return `${originOf(url)}${url.pathname}${url.search}`;
}

/**
 * The base of all control addresses: the session's own control unless `*`, then Content-Base, then the request.
 * Whatever host a camera names of itself, ours is the one that was reached.
 */
export function sessionBase(
  request: URL,
  contentBase: string | undefined,
  sessionControl: string | undefined,
): string {
  for (const candidate of [sessionControl, contentBase]) {
    const text = candidate?.trim();
    if (text === undefined || text === '' || text === '*') continue;
    return absolute(request, text);
  }
  return requestUrl(request);
}

/** A track's control address. By concatenation, not by RFC 3986: cameras mean it so. */
export function controlUrl(request: URL, base: string, control: string | undefined): string {
  const text = control?.trim() ?? '';
  if (text === '' || text === '*') return base;
  if (/^rtsps?:\/\//i.test(text)) return absolute(request, text);
  return base.endsWith('/') || text.startsWith('/') || text.startsWith('?') ? base + text : `${base}/${text}`;
}

/** `//host/path`, `192.168.1.108/path`, `camera:554/path`. */
const HOST_WITHOUT_SCHEME = /^(?:\/\/[^/?]+|\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?|[\w.-]+:\d+)([/?].*)?$/;

/** Repairs what cameras write: a doubled scheme, no scheme, an IPv6 host without brackets; keeps our host. */
function absolute(request: URL, text: string): string {
  const repaired = text.replace(/^(rtsps?:\/\/)(?:rtsps?:\/\/)+/i, '$1');
  const rest = /^rtsps?:\/\/[^/?]*(.*)$/i.exec(repaired)?.[1];
  if (rest !== undefined) return originOf(request) + (rest === '' ? '/' : rest);
  const behindHost = HOST_WITHOUT_SCHEME.exec(repaired);
  if (behindHost !== null) return originOf(request) + (behindHost[1] ?? '/');
  if (repaired.startsWith('/')) return originOf(request) + repaired;
  return `${requestUrl(request).replace(/\/?$/, '/')}${repaired}`;
}
