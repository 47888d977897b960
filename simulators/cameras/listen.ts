import type { AddressInfo, Server } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

const RETRY_MS = 50;
const RETRIES = 60;

/** Listens and answers the port. `patient` tries a port that is taken again for three seconds, as after a restart. */
export async function listen(
  server: Server,
  options: { host: string; port: number; patient: boolean },
): Promise<number> {
  const { host, port } = options;
  for (let attempt = 1; ; attempt++) {
    try {
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject);
        server.listen({ host, port }, () => {
          server.off('error', reject);
          resolve();
        });
      });
      return (server.address() as AddressInfo).port;
    } catch (error) {
      const taken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
      if (!taken || !options.patient || attempt === RETRIES) throw error;
      await sleep(RETRY_MS);
    }
  }
}
