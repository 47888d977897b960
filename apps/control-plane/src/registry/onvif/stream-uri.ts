const RTSP_PORT = 554;
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is removed
const CONTROL = /[\u0000-\u0020\u007f]/g;

/**
 * A stream address as a device answered it, made usable: its host becomes the one the device was reached
 * by (many tell an address of another network), its port and path stay, credentials go, since they have
 * fields of their own. Undefined when it is no RTSP address. (agsh/onvif#170, go2rtc#638, #662)
 */
export function usableStreamUri(answered: string, reachedHost: string): string | undefined {
  return usableUri(answered, reachedHost, (scheme) =>
    /^rtsps?$/.test(scheme) ? { scheme: 'rtsp', port: `:${RTSP_PORT}` } : undefined,
  );
}

/** The same for where a JPEG is answered. */
export function usableSnapshotUri(answered: string, reachedHost: string): string | undefined {
  return usableUri(answered, reachedHost, (scheme) =>
    /^https?$/.test(scheme) ? { scheme, port: '' } : undefined,
  );
}

/** `known` tells what becomes of a scheme in small letters, and the port where none is told. */
function usableUri(
  answered: string,
  reachedHost: string,
  known: (scheme: string) => { readonly scheme: string; readonly port: string } | undefined,
): string | undefined {
  const text = answered.replace(CONTROL, '').replaceAll('&amp;', '&');
  const parts = /^([a-z]+):\/\/([^/?]*)(.*)$/i.exec(text);
  const kind = known(parts?.[1]?.toLowerCase() ?? '');
  if (parts === null || kind === undefined) return undefined;
  const authority = parts[2] ?? '';
  const port = /:(\d{1,5})$/.exec(authority.slice(authority.lastIndexOf('@') + 1))?.[1];
  const host = reachedHost.includes(':') ? `[${reachedHost}]` : reachedHost;
  const rest = parts[3] ?? '';
  const path = rest.startsWith('/') ? rest : `/${rest}`;
  const uri = `${kind.scheme}://${host}${port === undefined ? kind.port : `:${port}`}${path}`;
  return URL.canParse(uri) ? uri : undefined;
}
