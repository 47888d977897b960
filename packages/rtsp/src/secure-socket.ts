// A TCP connection in, the same under TLS out, once the camera's certificate is believed.
import { isIP, type Socket } from 'node:net';
import { connect, type TLSSocket } from 'node:tls';
import type { CertificateCheck } from '@vedette/contracts';
import { fromSocketError, RtspError } from './rtsp-error.ts';

const OLD_CAMERAS = { minVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' } as const;

interface SecureOptions {
  /** As the address names it: what the certificate must be for, and the name that the camera is told (SNI). */
  readonly host: string;
  readonly check: CertificateCheck;
  readonly signal: AbortSignal;
}

/** Takes over the socket. Throws RtspError `certificate_rejected`, another RtspError, or the signal's reason. */
export function secureSocket(socket: Socket, { host, check, signal }: SecureOptions): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const secured = connect({
      socket,
      host,
      ...(isIP(host) === 0 ? { servername: host } : {}),
      rejectUnauthorized: check.check === 'authority',
      // Whoever looks at no certificate has no more to lose by the old versions and ciphers of old cameras.
      ...(check.check === 'none' ? OLD_CAMERAS : {}),
    });
    const settle = () => {
      secured.off('error', fail);
      secured.off('close', closed);
      secured.off('secureConnect', done);
      signal.removeEventListener('abort', abort);
    };
    const refuse = (error: unknown) => {
      settle();
      secured.on('error', () => undefined);
      secured.destroy();
      reject(error);
    };
    const fail = (error: Error) => refuse(fromTlsError(error, secured));
    const closed = () =>
      refuse(new RtspError('camera_refused', 'connect', 'The camera closed the connection.'));
    const abort = () => refuse(signal.reason);
    const done = () => {
      const shown = secured.getPeerX509Certificate()?.fingerprint256.replaceAll(':', '').toLowerCase();
      if (check.check === 'pin' && shown !== check.sha256) {
        refuse(rejected('The camera shows another certificate than the one it is known by.'));
        return;
      }
      settle();
      resolve(secured);
    };
    secured.once('error', fail);
    secured.once('close', closed);
    secured.once('secureConnect', done);
    signal.addEventListener('abort', abort, { once: true });
    if (signal.aborted) abort();
  });
}

function rejected(detail: string, cause?: unknown): RtspError {
  return new RtspError('certificate_rejected', 'connect', detail, { cause });
}

/** OpenSSL's verdicts on a certificate (X509_V_ERR_*) come as codes like CERT_HAS_EXPIRED. */
function fromTlsError(error: Error & { readonly code?: string }, secured: TLSSocket): RtspError {
  const code = error.code ?? '';
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID')
    return rejected('The certificate of the camera is for another name.', error);
  if (secured.authorizationError !== undefined && secured.authorizationError !== null)
    return rejected(`No authority vouches for the certificate of the camera (${code}).`, error);
  if (code.startsWith('ERR_SSL') || code === 'EPROTO')
    return new RtspError('camera_protocol_error', 'connect', 'The camera does not speak TLS as we do.', {
      cause: error,
    });
  return fromSocketError(error, 'connect');
}
