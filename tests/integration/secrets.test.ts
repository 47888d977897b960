// One run of the whole product with marked secrets, and nothing of them anywhere but where they belong.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CameraCreated, StartAnswer } from '@vedette/contracts';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { WhepViewer } from '../../simulators/viewers/whep-viewer.ts';
import { Demo } from '../support/demo.ts';
import { eventually } from '../support/eventually.ts';

const MARKED = 'canary-7f3d-of-a-camera';
const MARKED_PERSON = 'canary-91aa-of-a-person';
let demo: Demo;
beforeAll(async () => {
  demo = await Demo.start({ firstStart: true });
}, 60_000);
afterAll(() => demo.close());

const commandLines = () =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
      } catch {
        return '';
      }
    });

it('[V7] no password of a camera, an encoder or a person is in a log, an answer, an audit record, a metric or a process list', async () => {
  await demo.api('POST', '/users', { name: 'Marked', role: 'operator', password: MARKED_PERSON });
  await fetch(`${demo.address}/api/v1/sign-in`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'Marked', password: `${MARKED_PERSON}-wrong` }),
  });
  const add = (source: object) =>
    demo.api<CameraCreated>('POST', '/cameras', { name: 'Marked', source, idleTtlSeconds: 0 });
  const refused = await add({ kind: 'rtsp', url: 'rtsp://127.0.0.1:1/x', username: 'u', password: MARKED });
  const encoder = await add({ kind: 'publish' });
  const { items } = await demo.api<{ items: { source: { host: string; port: number } }[] }>(
    'GET',
    '/cameras',
  );
  const [known] = items.filter(({ source }) => source.host !== undefined);
  const wrong = await add({
    kind: 'onvif',
    host: known?.source.host,
    port: known?.source.port,
    username: 'u',
    password: MARKED,
  });
  await demo.api('POST', `/cameras/${wrong.id}/probe`).catch(() => undefined);
  await demo.api('POST', `/cameras/${refused.id}/probe`).catch(() => undefined);
  const { url, token } = await demo.api<StartAnswer>('POST', `/streams/${refused.id}/start`, {});
  await using viewer = await WhepViewer.open({ url, token });
  await eventually('the node has told of the camera', async () => {
    const camera = await demo.api<{ state: string }>('GET', `/cameras/${refused.id}`);
    return camera.state === 'offline' || camera.state === 'reconnecting';
  });
  await viewer.close();

  const ask = async (path: string) =>
    (
      await fetch(`${demo.address}${path}`, { headers: { authorization: `Bearer ${demo.adminToken}` } })
    ).text();
  const seen: Record<string, string> = {
    'the log of control': demo.log('control'),
    'the log of the node': demo.log('node'),
    'what the command prints': demo.output,
    'the metrics of control': await ask('/metrics'),
    cameras: await ask('/api/v1/cameras'),
    users: await ask('/api/v1/users'),
    streams: await ask('/api/v1/streams'),
    'the audit': await ask('/api/v1/audit/export'),
    'the process list': commandLines().join('\n'),
    'the spool of the audit': readdirSync(join(demo.dataDir, 'audit'))
      .map((file) => readFileSync(join(demo.dataDir, 'audit', file), 'utf8'))
      .join('\n'),
  };
  expect(seen['the audit']).toContain('camera-created');
  expect(seen['the log of the node']).toContain(refused.id);
  for (const [where, text] of Object.entries(seen)) {
    for (const secret of [
      MARKED,
      MARKED_PERSON,
      encoder.publishPassword ?? 'none',
      token,
      demo.adminToken,
      demo.adminPassword,
    ]) {
      // The demo tells its first password to who has started it.
      if (where === 'what the command prints' && secret === demo.adminPassword) continue;
      expect(text.includes(secret), `${where} holds ${secret.slice(0, 12)}…`).toBe(false);
    }
  }
});
