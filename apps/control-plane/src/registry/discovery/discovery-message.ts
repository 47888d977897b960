/** What a device tells of itself in a ProbeMatch (WS-Discovery 2005/04 section 5.3). */
export interface ProbeMatch {
  /** `urn:uuid:…`, the same over restarts; empty where the device sends none. */
  readonly endpoint: string;
  /** Addresses of its device service, as it knows them. */
  readonly addresses: readonly string[];
  readonly name: string | null;
  readonly model: string | null;
  readonly location: string | null;
}

const MAX_MATCHES = 64;
const MAX_TEXT = 200;

/** A multicast probe. Some devices answer only one that names their type, others only one that names none. */
export function probeMessage(messageId: string, typed: boolean): string {
  return (
    '<?xml version="1.0" encoding="UTF-8"?><s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"' +
    ' xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing" xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery"' +
    ' xmlns:dn="http://www.onvif.org/ver10/network/wsdl"><s:Header>' +
    '<a:Action s:mustUnderstand="1">http://schemas.xmlsoap.org/ws/2005/04/discovery/Probe</a:Action>' +
    `<a:MessageID>urn:uuid:${messageId}</a:MessageID>` +
    '<a:ReplyTo><a:Address>http://schemas.xmlsoap.org/ws/2004/08/addressing/role/anonymous</a:Address></a:ReplyTo>' +
    '<a:To s:mustUnderstand="1">urn:schemas-xmlsoap-org:ws:2005:04:discovery</a:To></s:Header>' +
    `<s:Body><d:Probe>${typed ? '<d:Types>dn:NetworkVideoTransmitter</d:Types>' : ''}</d:Probe></s:Body></s:Envelope>`
  );
}

/**
 * The matches in an answer to one of our probes; none in anything else. Reads elements by their local names and
 * nothing besides: no entity is expanded, no declaration followed.
 */
export function readProbeMatches(xml: string, messageIds: ReadonlySet<string>): ProbeMatch[] {
  const relatesTo = element(xml, 'RelatesTo')
    ?.replace(/^urn:uuid:|^uuid:/i, '')
    .toLowerCase();
  if (relatesTo === undefined || !messageIds.has(relatesTo)) return [];
  const matches = xml.match(/<(?:[\w-]+:)?ProbeMatch[\s>][\s\S]*?<\/(?:[\w-]+:)?ProbeMatch>/g) ?? [];
  return matches.slice(0, MAX_MATCHES).map((match) => {
    const scopes = words(element(match, 'Scopes'));
    return {
      endpoint: element(element(match, 'EndpointReference') ?? '', 'Address') ?? '',
      addresses: words(element(match, 'XAddrs')),
      name: scope(scopes, 'name'),
      model: scope(scopes, 'hardware'),
      location: scope(scopes, 'location'),
    };
  });
}

function element(xml: string, name: string): string | undefined {
  const found = new RegExp(`<(?:[\\w-]+:)?${name}(?:\\s[^>]*)?>([\\s\\S]*?)</(?:[\\w-]+:)?${name}>`).exec(
    xml,
  );
  const inner = found?.[1]?.trim();
  return inner === undefined ? undefined : unescapeXml(inner);
}

function words(text: string | undefined): string[] {
  return (text ?? '').split(/\s+/).filter(Boolean);
}

/** The last part of the first scope of a category: `onvif://www.onvif.org/name/Gate%20North`. */
function scope(scopes: readonly string[], category: string): string | null {
  const found = scopes.find((one) => one.toLowerCase().startsWith(`onvif://www.onvif.org/${category}/`));
  const value = found?.split('/').slice(4).join('/');
  if (value === undefined || value === '') return null;
  try {
    return decodeURIComponent(value.replaceAll('+', ' ')).slice(0, MAX_TEXT);
  } catch {
    return value.slice(0, MAX_TEXT);
  }
}

function unescapeXml(text: string): string {
  return text.replace(/&(amp|lt|gt|quot|apos);/g, (_, name: string) => ENTITIES.get(name) ?? '');
}

const ENTITIES = new Map([
  ['amp', '&'],
  ['lt', '<'],
  ['gt', '>'],
  ['quot', '"'],
  ['apos', "'"],
]);
