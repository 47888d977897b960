import type { AddressInfo } from 'node:net';
import { Worker } from 'node:worker_threads';
import { AuditEvent } from '@vedette/contracts';
import { createHttpServer, silentLog } from '@vedette/runtime';
import { expect, it } from 'vitest';
import { PRINCIPAL } from '../access/principal.ts';
import { addAudit } from '../audit/audit-request.ts';
import { rememberClientAddress } from './client-address.ts';

/** Sends a request and breaks its connection off, then says so by the flag that it was given. */
const HANG_UP = `
  const { workerData: { flag, port } } = require('node:worker_threads');
  const socket = require('node:net').connect(port, '127.0.0.1', () => {
    socket.write('POST /done HTTP/1.1\\r\\nHost: x\\r\\nContent-Length: 0\\r\\n\\r\\n', () => socket.resetAndDestroy());
  });
  socket.once('close', () => { Atomics.store(flag, 0, 1); Atomics.notify(flag, 0); });
`;

it('writes down what was asked by somebody who had hung up before we looked', async () => {
  const app = createHttpServer({ log: silentLog(), bodyLimit: 1024 });
  rememberClientAddress(app);
  app.decorateRequest(PRINCIPAL, null);
  const { promise: written, resolve: append } = Promise.withResolvers<object>();
  addAudit(app, { append });
  app.post('/done', async (request) => request.audit({ kind: 'view-started' }));
  await app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = app.server.address() as AddressInfo;
  const flag = new Int32Array(new SharedArrayBuffer(4));
  const caller = new Worker(HANG_UP, { eval: true, workerData: { flag, port } });
  // A process that is busy finds the request and the end of its connection at the same time.
  Atomics.wait(flag, 0, 0, 5000);
  const record = AuditEvent.omit({ clientAddress: true })
    .loose()
    .parse({ ...(await written), at: 1 });
  await caller.terminate();
  await app.close();
  expect(record['clientAddress']).toBeTypeOf('string');
});

it('reads records that were written without an address', () => {
  const event = {
    kind: 'view-started',
    at: 1,
    actor: null,
    requestId: null,
    cameraId: null,
    sessionId: null,
  };
  expect(AuditEvent.parse({ ...event, data: {} }).clientAddress).toBeNull();
});
