import { connect } from 'node:net';
import type { NodeHello } from '@vedette/contracts';

const WITHIN_MS = 1000;

/**
 * Whether the machine of a node says that nothing listens there any more. Anything but a refusal means nothing: a node
 * behind NAT or a firewall cannot be dialled, and one behind a proxy is not what answers.
 */
export function refusesConnections({ publicUrl }: Pick<NodeHello, 'publicUrl'>): Promise<boolean> {
  const { hostname, pathname, port, protocol } = new URL(publicUrl);
  if (pathname !== '/') return Promise.resolve(false);
  return new Promise((resolve) => {
    const socket = connect({
      host: hostname.replace(/^\[|\]$/g, ''),
      port: port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port),
    });
    const done = (refused: boolean) => {
      socket.destroy();
      resolve(refused);
    };
    socket.setTimeout(WITHIN_MS, () => done(false));
    socket.once('connect', () => done(false));
    socket.once('error', (error: NodeJS.ErrnoException) => done(error.code === 'ECONNREFUSED'));
  });
}
