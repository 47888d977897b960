import { X509Certificate } from 'node:crypto';
import { type ConnectionOptions, checkServerIdentity, rootCertificates } from 'node:tls';

/**
 * Beside what any client trusts, this one certificate, by whatever name it is reached: control on the same
 * machine shows the certificate that browsers see, but is dialled by 127.0.0.1.
 */
export function trustOwnCertificate(pem: string): ConnectionOptions {
  const own = new X509Certificate(pem).fingerprint256;
  return {
    ca: [...rootCertificates, pem],
    // The certificate itself is the anchor, whoever has signed it.
    allowPartialTrustChain: true,
    checkServerIdentity: (host, shown) =>
      shown.fingerprint256 === own ? undefined : checkServerIdentity(host, shown),
  };
}
