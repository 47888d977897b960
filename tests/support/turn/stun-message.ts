// The few words of STUN and TURN that a test speaks (RFC 8489, RFC 8656). Pure.
import { createHmac } from 'node:crypto';
import { isIPv6 } from 'node:net';

export const METHOD = { allocate: 0x003, refresh: 0x004, createPermission: 0x008 } as const;
export const ATTRIBUTE = {
  username: 0x0006,
  integrity: 0x0008,
  errorCode: 0x0009,
  lifetime: 0x000d,
  peerAddress: 0x0012,
  realm: 0x0014,
  nonce: 0x0015,
  relayedAddress: 0x0016,
  requestedFamily: 0x0017,
  requestedTransport: 0x0019,
} as const;

const COOKIE = 0x2112a442;
const HEADER_BYTES = 20;
const INTEGRITY_BYTES = 24;

export interface StunAttribute {
  readonly type: number;
  readonly value: Buffer;
}

export interface StunAnswer {
  readonly transaction: Buffer;
  readonly attributes: ReadonlyMap<number, Buffer>;
  /** Undefined for a success. */
  readonly errorCode: number | undefined;
}

/** A request; with `key`, its integrity is protected. `transaction` is 12 bytes. */
export function stunRequest(
  method: number,
  transaction: Buffer,
  attributes: readonly StunAttribute[],
  key?: Buffer,
): Buffer {
  const body = Buffer.concat(attributes.map(encodeAttribute));
  const header = Buffer.alloc(HEADER_BYTES);
  // Classes are the bits 4 and 8 of the type; methods this small have none above them.
  header.writeUInt16BE(method, 0);
  header.writeUInt16BE(body.length + (key === undefined ? 0 : INTEGRITY_BYTES), 2);
  header.writeUInt32BE(COOKIE, 4);
  transaction.copy(header, 8);
  const message = Buffer.concat([header, body]);
  if (key === undefined) return message;
  const value = createHmac('sha1', key).update(message).digest();
  return Buffer.concat([message, encodeAttribute({ type: ATTRIBUTE.integrity, value })]);
}

/** Bytes of the message that `data` begins with; undefined while it is not all there. */
export function stunLength(data: Buffer): number | undefined {
  if (data.length < HEADER_BYTES) return undefined;
  const length = HEADER_BYTES + data.readUInt16BE(2);
  return data.length < length ? undefined : length;
}

export function readStunAnswer(message: Buffer): StunAnswer {
  const attributes = new Map<number, Buffer>();
  for (let at = HEADER_BYTES; at + 4 <= message.length; ) {
    const length = message.readUInt16BE(at + 2);
    attributes.set(message.readUInt16BE(at), message.subarray(at + 4, at + 4 + length));
    at += 4 + Math.ceil(length / 4) * 4;
  }
  const error = attributes.get(ATTRIBUTE.errorCode);
  return {
    transaction: message.subarray(8, HEADER_BYTES),
    attributes,
    errorCode: error && error.readUInt8(2) * 100 + error.readUInt8(3),
  };
}

/** XOR-PEER-ADDRESS and its like (RFC 8489 section 14.2); IPv4-mapped addresses stay IPv6. */
export function xorAddress(address: string, port: number, transaction: Buffer): Buffer {
  const bytes = isIPv6(address) ? ipv6Bytes(address) : Buffer.from(address.split('.').map(Number));
  const mask = maskOf(transaction);
  const head = Buffer.from([0, isIPv6(address) ? 2 : 1, 0, 0]);
  head.writeUInt16BE(port ^ (COOKIE >>> 16), 2);
  return Buffer.concat([head, Buffer.from(bytes.map((byte, index) => byte ^ (mask[index] ?? 0)))]);
}

/** The address of an IPv4 one. */
export function readXorAddress(value: Buffer): { address: string; port: number } {
  const mask = maskOf(Buffer.alloc(12));
  const bytes = [...value.subarray(4, 8)].map((byte, index) => byte ^ (mask[index] ?? 0));
  return { address: bytes.join('.'), port: value.readUInt16BE(2) ^ (COOKIE >>> 16) };
}

function ipv6Bytes(address: string): Buffer {
  // In the one spelling that URLs have: hexadecimal, also the last four bytes.
  const [head = '', tail] = new URL(`http://[${address}]`).hostname.slice(1, -1).split('::');
  const words = (text: string | undefined) => (text === undefined || text === '' ? [] : text.split(':'));
  const zeros = Array.from({ length: 8 - words(head).length - words(tail).length }, () => '0');
  const all = [...words(head), ...zeros, ...words(tail)];
  return Buffer.from(all.map((word) => word.padStart(4, '0')).join(''), 'hex');
}

function maskOf(transaction: Buffer): Buffer {
  const cookie = Buffer.alloc(4);
  cookie.writeUInt32BE(COOKIE);
  return Buffer.concat([cookie, transaction]);
}

function encodeAttribute({ type, value }: StunAttribute): Buffer {
  const encoded = Buffer.alloc(4 + Math.ceil(value.length / 4) * 4);
  encoded.writeUInt16BE(type, 0);
  encoded.writeUInt16BE(value.length, 2);
  value.copy(encoded, 4);
  return encoded;
}
