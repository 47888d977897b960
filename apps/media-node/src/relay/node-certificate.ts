// A key pair and a certificate that says nothing but whose key it is: other nodes believe its fingerprint, which
// control tells them, and no name, date or authority in it.
import { createHash, generateKeyPairSync, sign } from 'node:crypto';

export interface NodeCertificate {
  /** PEM; stays in this process. */
  readonly key: string;
  /** PEM. */
  readonly cert: string;
  /** SHA-256 of the certificate, 64 hexadecimal digits. */
  readonly sha256: string;
}

// DER, ITU-T X.690; the shape of a certificate is RFC 5280 section 4.1, the names of P-256 keys RFC 5758 section 3.2.
const SEQUENCE = 0x30;
const SET = 0x31;
const INTEGER = 0x02;
const BIT_STRING = 0x03;
const OBJECT = 0x06;
const UTF8 = 0x0c;
const GENERALIZED_TIME = 0x18;
const VERSION = 0xa0;
const V3 = Buffer.of(2);
const ECDSA_WITH_SHA256 = Buffer.from('2a8648ce3d040302', 'hex');
const COMMON_NAME = Buffer.from('550403', 'hex');
/** RFC 5280 section 4.1.2.5: no end that anybody keeps to. The key lives as long as the process. */
const FOR_EVER = Buffer.from('99991231235959Z');
const LONG_AGO = Buffer.from('20000101000000Z');

/** A new pair; `name` is for people who look at the connection. */
export function makeNodeCertificate(name: string): NodeCertificate {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const algorithm = der(SEQUENCE, der(OBJECT, ECDSA_WITH_SHA256));
  const subject = der(
    SEQUENCE,
    der(SET, der(SEQUENCE, der(OBJECT, COMMON_NAME), der(UTF8, Buffer.from(name)))),
  );
  const body = der(
    SEQUENCE,
    der(VERSION, der(INTEGER, V3)),
    der(INTEGER, Buffer.of(1)),
    algorithm,
    subject,
    der(SEQUENCE, der(GENERALIZED_TIME, LONG_AGO), der(GENERALIZED_TIME, FOR_EVER)),
    subject,
    publicKey.export({ type: 'spki', format: 'der' }),
  );
  const signature = sign('sha256', body, privateKey);
  const certificate = der(SEQUENCE, body, algorithm, der(BIT_STRING, Buffer.of(0), signature));
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    cert: pem(certificate),
    sha256: createHash('sha256').update(certificate).digest('hex'),
  };
}

function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  const size = body.length;
  const length =
    size < 0x80
      ? Buffer.of(size)
      : size < 0x100
        ? Buffer.of(0x81, size)
        : Buffer.of(0x82, size >> 8, size & 0xff);
  return Buffer.concat([Buffer.of(tag), length, body]);
}

function pem(certificate: Buffer): string {
  const lines = certificate.toString('base64').match(/.{1,64}/g) ?? [];
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n');
}
