// Resident memory of a WHEP endpoint over 1000 joins and leaves, viewers in a process of their own.
//   node --expose-gc bench/whep-memory.ts
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { MediaClaims, SessionId } from '@vedette/contracts';
import { createHttpServer, silentLog, systemClock } from '@vedette/runtime';
import { WhepEndpoint } from '../apps/media-node/src/egress/whep/whep-endpoint.ts';
import { whepRoutes } from '../apps/media-node/src/egress/whep/whep-routes.ts';
import { StreamHub } from '../apps/media-node/src/hub/stream-hub.ts';
import { ClipFeeder } from '../tests/support/clip-feeder.ts';
import { eventually } from '../tests/support/eventually.ts';
import { freePort } from '../tests/support/free-ports.ts';
import { bearerAdmission } from '../tests/support/token-admission.ts';

const JOINS = 1000;
const AT_ONCE = 20;
const EVERY = 100;

const hub = new StreamHub();
using _camera = new ClipFeeder({
  file: fileURLToPath(new URL('../fixtures/clips/gate-main.h264', import.meta.url)),
  fps: 15,
  sink: hub,
});
const endpoint = new WhepEndpoint({
  clock: systemClock,
  bind: '127.0.0.1',
  udpPort: await freePort(),
  publicHosts: [],
});
const app = createHttpServer({ log: silentLog(), bodyLimit: 64 * 1024 });
await app.register(whepRoutes, {
  endpoint,
  admission: bearerAdmission(async (token) => ({ sid: token as SessionId }) as MediaClaims),
  lookup: () => hub,
  admit: () => undefined,
  onJoin: () => undefined,
  onOpen: () => undefined,
  onLeave: () => undefined,
  iceServers: () => [],
});
const url = `${await app.listen({ host: '127.0.0.1', port: 0 })}/whep/cam_bench`;
const viewers = fork(fileURLToPath(new URL('measure/whep-viewers.ts', import.meta.url)));
const ask = <T>(message: object) =>
  new Promise<T>((resolve) => {
    viewers.once('message', (answer) => resolve(answer as T));
    viewers.send(message);
  });

for (let joined = 0; joined < JOINS; joined += AT_ONCE) {
  await ask({ open: Array.from({ length: AT_ONCE }, (_, i) => ({ url, token: `join${joined + i}` })) });
  await eventually(
    'pictures for all',
    async () => (await ask<{ keyed: number }>({ counts: true })).keyed === AT_ONCE,
  );
  await ask({ close: true });
  await eventually('nobody is left', () => endpoint.sessionCount === 0);
  if ((joined + AT_ONCE) % EVERY !== 0) continue;
  globalThis.gc?.();
  console.log(
    `${joined + AT_ONCE} joins: ${(process.memoryUsage.rss() / 1024 / 1024).toFixed(0)} MB resident`,
  );
}
viewers.kill();
endpoint.close('shutting_down');
await app.close();
process.exit();
