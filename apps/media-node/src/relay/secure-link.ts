// Connections between two nodes: TLS 1.3, each side proves the key of its certificate, and each looks whether that
// certificate is the one control named. Not its job: what is said over them.
import { constants } from 'node:crypto';
import { connect as connectTcp, type Socket } from 'node:net';
import {
  type CommonConnectionOptions,
  connect as connectTls,
  type SecureContextOptions,
  type TLSSocket,
} from 'node:tls';
import type { RelayAddress } from '@vedette/contracts';
import type { NodeCertificate } from './node-certificate.ts';

/** What the side that dials wants, and the version of how it is said (ALPN, RFC 7301). */
export const RELAY_PROTOCOL = { take: 'vedette-relay-take/1', give: 'vedette-relay-give/1' } as const;

/** The other side is not the node that it was taken for. */
export class StrangerError extends Error {
  override readonly name = 'StrangerError';
}

/** For both sides: authorities are not asked, the fingerprint is compared once the other side has proved its key. */
export function linkOptions({ key, cert }: NodeCertificate): SecureContextOptions & CommonConnectionOptions {
  return {
    key,
    cert,
    requestCert: true,
    rejectUnauthorized: false,
    minVersion: 'TLSv1.3',
    // A resumed session would be as good as the one before; without it there is nothing to think about.
    secureOptions: constants.SSL_OP_NO_TICKET,
  };
}

/** SHA-256 of the certificate that the other side has proved to be its own, hex; undefined when it showed none. */
export function shownBy(socket: TLSSocket): string | undefined {
  return socket.getPeerX509Certificate()?.fingerprint256.replaceAll(':', '').toLowerCase();
}

export interface DialOptions {
  readonly address: RelayAddress;
  readonly certificate: NodeCertificate;
  /** Of the node that must answer. */
  readonly sha256: string;
  readonly protocol: string;
  readonly signal: AbortSignal;
}

/** Throws StrangerError, the error of the socket, or the reason of the signal; nothing stays open then. */
export function dialNode(options: DialOptions): Promise<TLSSocket> {
  const { address, certificate, protocol, sha256, signal } = options;
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(signal.reason);
      return;
    }
    const tcp: Socket = connectTcp({ ...address, noDelay: true });
    const secured = connectTls({ ...linkOptions(certificate), socket: tcp, ALPNProtocols: [protocol] });
    const settle = () => {
      secured.off('error', refuse);
      secured.off('close', closed);
      signal.removeEventListener('abort', abort);
    };
    const refuse = (error: unknown) => {
      settle();
      secured.on('error', () => undefined);
      secured.destroy();
      tcp.destroy();
      reject(error);
    };
    const closed = () => refuse(new Error('the connection was closed before it was secure'));
    const abort = () => refuse(signal.reason);
    tcp.once('error', refuse);
    secured.once('error', refuse);
    secured.once('close', closed);
    secured.once('secureConnect', () => {
      if (shownBy(secured) !== sha256 || secured.alpnProtocol !== protocol) {
        refuse(new StrangerError('another node answers there than the one that was expected'));
        return;
      }
      settle();
      tcp.off('error', refuse);
      tcp.on('error', () => undefined);
      resolve(secured);
    });
    signal.addEventListener('abort', abort, { once: true });
  });
}
