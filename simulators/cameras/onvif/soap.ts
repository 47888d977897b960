import { XMLParser } from 'fast-xml-parser';

/** A parsed element: children by local name, attributes with an `@`, text under `#text`. */
export interface XmlNode {
  readonly [name: string]: XmlValue | undefined;
}
export type XmlValue = string | XmlNode | readonly XmlValue[];

export interface SoapRequest {
  /** Local name of the first element in the body. */
  readonly action: string;
  readonly parameters: XmlNode;
  readonly header: XmlNode;
}

/** A SOAP 1.2 fault with an ONVIF subcode (ONVIF Core Specification section 5.8.2). */
export class SoapFault extends Error {
  readonly role: 'Sender' | 'Receiver';
  /** Local names in the `ter` namespace, outermost first. */
  readonly subcodes: readonly string[];

  constructor(role: 'Sender' | 'Receiver', subcodes: readonly string[], reason: string) {
    super(reason);
    this.name = 'SoapFault';
    this.role = role;
    this.subcodes = subcodes;
  }
}

/** Reads an envelope. Entities stay unresolved and a DTD is refused, so that no input can grow. */
export function parseEnvelope(xml: string): SoapRequest {
  if (/<!(DOCTYPE|ENTITY)/i.test(xml)) throw malformed();
  let root: unknown;
  try {
    // A parser of its own for each message: it keeps state while it parses.
    root = new XMLParser({
      ignoreAttributes: false,
      attributeNamePrefix: '@',
      removeNSPrefix: true,
      processEntities: false,
      parseTagValue: false,
      ignoreDeclaration: true,
      maxNestedTags: 32,
    }).parse(xml, true);
  } catch {
    throw malformed();
  }
  const envelope = child(asNode(root), 'Envelope');
  const body = child(envelope, 'Body');
  const action = Object.keys(body ?? {}).find((name) => !name.startsWith('@') && !name.startsWith('#'));
  if (body === undefined || action === undefined) throw malformed();
  return { action, parameters: child(body, action) ?? {}, header: child(envelope, 'Header') ?? {} };
}

/** The first child element of that name; an element with text alone counts as empty. */
export function child(node: XmlNode | undefined, name: string): XmlNode | undefined {
  return asNode(first(node?.[name]));
}

/** Text of a child element, without white space around it. */
export function text(node: XmlNode | undefined, name: string): string | undefined {
  const value = first(node?.[name]);
  const content = typeof value === 'string' ? value : first(asNode(value)?.['#text']);
  return typeof content === 'string' ? content.trim() : undefined;
}

function first(value: XmlValue | undefined): XmlValue | undefined {
  return Array.isArray(value) ? value[0] : value;
}

function asNode(value: unknown): XmlNode | undefined {
  if (typeof value === 'string') return {};
  return typeof value === 'object' && value !== null ? (value as XmlNode) : undefined;
}

function malformed(): SoapFault {
  return new SoapFault('Sender', ['WellFormed'], 'The message is not a SOAP envelope');
}

const NAMESPACES = [
  's="http://www.w3.org/2003/05/soap-envelope"',
  'tds="http://www.onvif.org/ver10/device/wsdl"',
  'trt="http://www.onvif.org/ver10/media/wsdl"',
  'tt="http://www.onvif.org/ver10/schema"',
  'ter="http://www.onvif.org/ver10/error"',
]
  .map((namespace) => ` xmlns:${namespace}`)
  .join('');

export function writeEnvelope(body: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n<s:Envelope${NAMESPACES}><s:Body>${body}</s:Body></s:Envelope>`;
}

export function writeFault(fault: SoapFault): string {
  const subcode = fault.subcodes.reduceRight(
    (inner, code) => `<s:Subcode><s:Value>ter:${code}</s:Value>${inner}</s:Subcode>`,
    '',
  );
  return writeEnvelope(
    `<s:Fault><s:Code><s:Value>s:${fault.role}</s:Value>${subcode}</s:Code>` +
      `<s:Reason><s:Text xml:lang="en">${escapeXml(fault.message)}</s:Text></s:Reason></s:Fault>`,
  );
}

export function escapeXml(value: string): string {
  return value.replace(
    /[&<>"']/g,
    (character) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[character] ?? '&apos;',
  );
}
