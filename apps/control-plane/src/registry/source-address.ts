import { isIP } from 'node:net';
import type { CameraSourceInput } from '@vedette/contracts';

/** One address that a source names, and the field it stands in. */
export interface SourceAddress {
  readonly field: 'url' | 'subUrl' | 'host';
  /** By which setting it is allowed besides SOURCE_NETWORKS. */
  readonly by: 'camera' | 'http';
  /** A name or an IP address, IPv6 without brackets. */
  readonly host: string;
  readonly port: number;
}

export type SourceAddresses =
  | { readonly ok: true; readonly addresses: readonly SourceAddress[] }
  | { readonly ok: false; readonly fields: readonly { readonly path: string; readonly message: string }[] };

const SECRET_IN_TEXT = /(?:password|passwd|pass|pwd)=[^&_/?;]+/i;
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const BLANK_OR_CONTROL = /[\s\u0000-\u001f\u007f]/;

/** What a source input would connect to, or which fields are wrong. Looks nothing up. */
export function addressesOf(source: CameraSourceInput): SourceAddresses {
  const fields: { path: string; message: string }[] = [];
  const addresses: SourceAddress[] = [];
  const take = (field: SourceAddress['field'], parsed: Omit<SourceAddress, 'field' | 'by'> | string) => {
    if (typeof parsed === 'string') fields.push({ path: `source.${field}`, message: parsed });
    else
      addresses.push({
        field,
        by: source.kind === 'http' || source.kind === 'http-audio' ? 'http' : 'camera',
        ...parsed,
      });
  };
  switch (source.kind) {
    case 'rtsp':
      take('url', parseRtspUrl(source.url));
      if (source.subUrl !== undefined) take('subUrl', parseRtspUrl(source.subUrl));
      break;
    case 'onvif': {
      const host = parseHost(source.host);
      take('host', host === undefined ? 'is not a host name or an IP address' : { host, port: source.port });
      break;
    }
    case 'http':
    case 'http-audio':
      take('url', parseHttpUrl(source.url));
      break;
    case 'file': {
      const wrong = fileFault(source.file);
      if (wrong !== undefined) fields.push({ path: 'source.file', message: wrong });
      break;
    }
    case 'publish': {
      const needsPort = source.via === 'rtmp' || source.via === 'srt';
      if (needsPort && source.port === undefined)
        fields.push({ path: 'source.port', message: `${source.via.toUpperCase()} needs a port of its own` });
      if (!needsPort && source.port !== undefined)
        fields.push({
          path: 'source.port',
          message: `${source.via.toUpperCase()} comes in on the node's own port`,
        });
      const wrong = publishPasswordFault(source);
      if (wrong !== undefined) fields.push({ path: 'source.password', message: wrong });
      break;
    }
  }
  return fields.length > 0 ? { ok: false, fields } : { ok: true, addresses };
}

const SCHEMES = {
  rtsp: { begins: /^rtsps?:\/\//i, what: 'must begin with rtsp:// or rtsps://' },
  http: { begins: /^https?:\/\//i, what: 'must begin with http:// or https://' },
} as const;
const DEFAULT_PORTS: Readonly<Record<string, number>> = {
  'rtsp:': 554,
  'rtsps:': 322,
  'http:': 80,
  'https:': 443,
};

function parseRtspUrl(text: string): { host: string; port: number } | string {
  return parseUrl(text, 'rtsp');
}

function parseHttpUrl(text: string): { host: string; port: number } | string {
  return parseUrl(text, 'http');
}

/** What SRT and FFmpeg's RTMP can carry. An empty password means that one is made. */
function publishPasswordFault({
  password = '',
  username = '',
  via,
}: Extract<CameraSourceInput, { kind: 'publish' }>): string | undefined {
  if (password === '') return undefined;
  if (via === 'srt' && !/^[!-&(-~]{10,79}$/.test(password))
    return 'an SRT passphrase is 10 to 79 visible ASCII characters without an apostrophe';
  if (via === 'rtmp' && !/^[\w.~-]*$/.test(`${username}${password}`))
    return 'an RTMP stream key is made of letters, digits and . _ ~ - alone';
  if (via === 'rtmp' && username.length + password.length > 62 - (username === '' ? 24 : 0))
    return 'an RTMP stream key, name and password together, has at most 62 characters';
  return undefined;
}

/** A path inside a folder, and nothing that a program could take for an option, an address or a way out. */
function fileFault(file: string): string | undefined {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  if (/[\u0000-\u001f\u007f\\]/.test(file)) return 'must not contain control characters or backslashes';
  if (/^[a-z][a-z0-9+.-]*:/i.test(file))
    return 'is a path inside one of the folders of FILE_FOLDERS, not an address';
  if (file.startsWith('/')) return 'is given from the folder on, without a slash at the beginning';
  if (file.split('/').some((part) => part === '..' || part === '.' || part === '' || part.startsWith('-')))
    return 'must not leave its folder, nor have parts that are empty or begin with a dash';
  return undefined;
}

function parseUrl(text: string, scheme: keyof typeof SCHEMES): { host: string; port: number } | string {
  if (BLANK_OR_CONTROL.test(text)) return 'must not contain blanks or control characters';
  if (!SCHEMES[scheme].begins.test(text)) return SCHEMES[scheme].what;
  // The authority as a lenient client would cut it: up to the last @ before the path.
  const authority = /^[a-z]+:\/\/([^/]*)/i.exec(text)?.[1] ?? '';
  if (authority.includes('@') || SECRET_IN_TEXT.test(text))
    return 'must not hold a user name or a password: give them in the fields username and password';
  if (text.includes('#')) return 'must not contain #';
  if (!URL.canParse(text)) return 'is not a URL';
  const url = new URL(text);
  const host = parseHost(url.hostname.replace(/^\[(.*)\]$/, '$1'));
  if (host === undefined) return 'names no host';
  return {
    host,
    port: url.port === '' ? (DEFAULT_PORTS[url.protocol.toLowerCase()] ?? 0) : Number(url.port),
  };
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
