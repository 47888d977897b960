import { PathAdmissionAnswer } from '@vedette/contracts';
import { systemClock } from '@vedette/runtime';
import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../../../../tests/support/eventually.ts';
import { SimulatedNode } from '../../../../tests/support/simulated-node.ts';
import { openViewingApp } from '../../../../tests/support/viewing-app.ts';
import {
  createViewingHarness,
  NODE_TOKEN,
  type ViewingHarness,
} from '../../../../tests/support/viewing-harness.ts';

let harness: ViewingHarness;
let app: FastifyInstance;
let node: SimulatedNode;

beforeAll(async () => {
  harness = await createViewingHarness({ clock: systemClock });
  harness.catalog.add('c1', { pathName: 'police_17' });
  harness.catalog.add('secret', { pathName: 'vault' });
  app = await openViewingApp(harness);
  const address = await app.listen({ host: '127.0.0.1', port: 0 });
  node = new SimulatedNode({ controlUrl: address, nodeToken: NODE_TOKEN });
  await eventually('the node is there', () => harness.viewing.hasNode());
});
afterAll(async () => {
  node.close();
  harness.viewing.close();
  await app.close();
});

const admit = (path: string, protocol = 'hls', token = NODE_TOKEN, username = 'alice') =>
  app.inject({
    method: 'POST',
    url: '/internal/admit',
    headers: { authorization: `Bearer ${token}` },
    payload: {
      path,
      protocol,
      credentials: { kind: 'basic', username, password: 'x' },
      clientAddress: '10.0.0.9',
    },
  });

describe('a stable address', () => {
  it.each([
    ['cam_c1', 'cam_c1'],
    ['cam_c1_sub', 'cam_c1_sub'],
    ['police_17', 'cam_c1'],
    ['police_17_sub', 'cam_c1_sub'],
  ])('%s begins a view of %s, and the node is told that name', async (asked, path) => {
    for (const protocol of ['hls', 'webrtc', 'rtsp']) {
      const answer = await admit(asked, protocol);
      expect(answer.statusCode).toBe(200);
      const admitted = PathAdmissionAnswer.parse(answer.json());
      expect(admitted).toMatchObject({ node: 'node-1', path });
      expect(admitted.url).toContain(path);
    }
  });

  it('of no camera, or of one that is not theirs, is not found, in the same words', async () => {
    const answers = await Promise.all(
      ['police_18', 'vault', 'cam_secret', 'cam_c1_main'].map((path) => admit(path)),
    );
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([404, 404, 404, 404]);
    expect(new Set(answers.map((answer) => answer.json().detail)).size).toBe(1);
  });

  it('is for who may watch: no auditor, no token cut down to something else, nobody of another tenant', async () => {
    for (const [username, status] of [
      ['audrey', 403],
      ['reader', 403],
      ['otto', 404],
      ['nobody', 401],
    ] as const) {
      for (const path of ['police_17', 'cam_c1_sub', 'police_18']) {
        const answer = await admit(path, 'rtsp', NODE_TOKEN, username);
        expect(answer.statusCode, `${username} ${path} ${answer.body}`).toBe(status);
      }
    }
  });

  it('is asked for by nodes alone', async () => {
    expect((await admit('police_17', 'hls', 'wrong')).statusCode).toBe(401);
  });
});
