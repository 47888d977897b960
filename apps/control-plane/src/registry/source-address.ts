import { isIP } from 'node:net';
import type { CameraSourceInput } from '@vedette/contracts';

/** One address that a source names, and the field it stands in. */
export interface SourceAddress {
  readonly field: 'url' | 'subUrl' | 'host';
  /** A name or an IP address, IPv6 without brackets. */
  readonly host: string;
  readonly port: number;
}

export type SourceAddresses =
  | { readonly ok: true; readonly addresses: readonly SourceAddress[] }
  | { readonly ok: false; readonly fields: readonly { readonly path: string; readonly message: string }[] };

const RTSP_PORT = 554;
const SECRET_IN_TEXT = /(?:password|passwd|pass|pwd)=[^&_/?;]+/i;
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const BLANK_OR_CONTROL = /[\s\u0000-\u001f\u007f]/;

/** What a source input would connect to, or which fields are wrong. Looks nothing up. */
export function addressesOf(source: CameraSourceInput): SourceAddresses {
  const fields: { path: string; message: string }[] = [];
  const addresses: SourceAddress[] = [];
  const take = (field: SourceAddress['field'], parsed: Omit<SourceAddress, 'field'> | string) => {
    if (typeof parsed === 'string') fields.push({ path: `source.${field}`, message: parsed });
    else addresses.push({ field, ...parsed });
  };
  if (source.kind === 'rtsp') {
    take('url', parseRtspUrl(source.url));
    if (source.subUrl !== undefined) take('subUrl', parseRtspUrl(source.subUrl));
  } else {
    const host = parseHost(source.host);
    take('host', host === undefined ? 'is not a host name or an IP address' : { host, port: source.port });
  }
  return fields.length > 0 ? { ok: false, fields } : { ok: true, addresses };
}

function parseRtspUrl(text: string): { host: string; port: number } | string {
  if (BLANK_OR_CONTROL.test(text)) return 'must not contain blanks or control characters';
  if (!/^rtsp:\/\//i.test(text)) return 'must begin with rtsp://';
  // The authority as a lenient client would cut it: up to the last @ before the path.
  const authority = /^rtsp:\/\/([^/]*)/i.exec(text)?.[1] ?? '';
  if (authority.includes('@') || SECRET_IN_TEXT.test(text))
    return 'must not hold a user name or a password: give them in the fields username and password';
  if (text.includes('#')) return 'must not contain #';
  if (!URL.canParse(text)) return 'is not a URL';
  const url = new URL(text);
  const host = parseHost(url.hostname.replace(/^\[(.*)\]$/, '$1'));
  if (host === undefined) return 'names no host';
  return { host, port: url.port === '' ? RTSP_PORT : Number(url.port) };
}

/**
 * A host in its plain form. `0x7f.1`, `2130706433` and `127.1` are 127.0.0.1 to every resolver, so they
 * become that here, before anybody judges them.
 */
function parseHost(text: string): string | undefined {
  if (isIP(text) !== 0) return text;
  if (!/^[a-z0-9._-]+$/i.test(text) || text.length > 253) return undefined;
  if (!URL.canParse(`http://${text}`)) return undefined;
  const { hostname } = new URL(`http://${text}`);
  return hostname === '' ? undefined : hostname;
}
