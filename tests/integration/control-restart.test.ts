import type { AddressInfo } from 'node:net';
import type { StartAnswer } from '@vedette/contracts';
import { silentLog, systemClock } from '@vedette/runtime';
import { afterEach, describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { SimulatedNode } from '../support/simulated-node.ts';
import { openViewingApp } from '../support/viewing-app.ts';
import { createViewingHarness, NODE_TOKEN, PaperCatalog } from '../support/viewing-harness.ts';

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function openControl(catalog: PaperCatalog, port: number, knownNodes: string[]) {
  const harness = await createViewingHarness({ clock: systemClock, catalog, knownNodes });
  const app = await openViewingApp(harness);
  await app.listen({ host: '127.0.0.1', port });
  let closed = false;
  const close = async () => {
    if (closed) return;
    closed = true;
    harness.viewing.close();
    await app.close();
  };
  closing.push(close);
  return { ...harness, close, port: (app.server.address() as AddressInfo).port };
}

describe('control that is restarted, over real connections', () => {
  it('finds running views again, and the cameras see nothing of it', async () => {
    const catalog = new PaperCatalog();
    for (let i = 0; i < 20; i++) catalog.add(`c${i}`);
    const before = await openControl(catalog, 0, []);
    const { port } = before;
    const node = new SimulatedNode({
      controlUrl: `http://127.0.0.1:${port}`,
      nodeToken: NODE_TOKEN,
      log: silentLog(),
    });
    closing.push(async () => node.close());
    await eventually('the node is there', () => before.viewing.hasNode());
    const answers: StartAnswer[] = await Promise.all(
      Array.from({ length: 20 }, (_, i) => before.start(`c${i}`, { request: { profile: 'main' } })),
    );
    for (const { cameraId, profile, protocol, sessionId } of answers) {
      node.engine.connect({
        sessionId,
        userId: 'alice',
        cameraId,
        path: `cam_${cameraId}`,
        profile,
        protocol,
      });
    }
    await eventually('all views are connected', async () =>
      (await before.state.views({})).every(({ state }) => state === 'connected'),
    );
    await before.close();
    await eventually('the node sees it', () => !node.engine.controlConnected);

    const after = await openControl(catalog, port, ['node-1']);
    await eventually('all views are found', async () => (await after.state.views({})).length === 20, {
      withinMs: 3000,
    });
    const next = await after.start('c0');
    expect(next.decision.at(-1)).toMatchObject({ step: 'placement', rule: 'sticky' });
    expect(node.engine.sessions).toHaveLength(20);
    expect([...node.engine.pulls.values()].every((pulls) => pulls === 1)).toBe(true);
  });
});
