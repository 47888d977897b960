const RTSP_PORT = 554;
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is removed
const CONTROL = /[\u0000-\u0020\u007f]/g;

/**
 * A stream address as a device answered it, made usable: its host becomes the one the device was reached
 * by (many tell an address of another network), its port and path stay, credentials go, since they have
 * fields of their own. Undefined when it is no RTSP address. (agsh/onvif#170, go2rtc#638, #662)
 */
export function usableStreamUri(answered: string, reachedHost: string): string | undefined {
  const text = answered.replace(CONTROL, '').replaceAll('&amp;', '&');
  const parts = /^rtsps?:\/\/([^/?]*)(.*)$/i.exec(text);
  if (parts === null) return undefined;
  const authority = parts[1] ?? '';
  const port = /:(\d{1,5})$/.exec(authority.slice(authority.lastIndexOf('@') + 1))?.[1];
  const host = reachedHost.includes(':') ? `[${reachedHost}]` : reachedHost;
  const rest = parts[2] ?? '';
  const path = rest.startsWith('/') ? rest : `/${rest}`;
  const uri = `rtsp://${host}:${port ?? RTSP_PORT}${path}`;
  return URL.canParse(uri) ? uri : undefined;
}
