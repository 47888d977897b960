import type { LiveEvent } from '@vedette/contracts';
import { afterEach } from 'vitest';
import { HeldClock } from '../../../../tests/support/held-clock.ts';
import { PaperNode } from '../../../../tests/support/paper-node.ts';
import { createViewingHarness, type ViewingHarness } from '../../../../tests/support/viewing-harness.ts';

/** Held time, the camera c1, and nodes that answer at once. Closed after each test of the calling file. */
export function viewingFixture() {
  const open: ViewingHarness[] = [];
  afterEach(() => {
    for (const harness of open.splice(0)) harness.viewing.close();
  });
  return async function setUp(
    options: Partial<Parameters<typeof createViewingHarness>[0]> & { nodes?: number } = {},
  ) {
    const clock = new HeldClock();
    const harness = await createViewingHarness({ clock, ...options });
    open.push(harness);
    harness.catalog.add('c1');
    const events: LiveEvent[] = [];
    harness.bus.subscribe(({ event }) => events.push(event));
    const nodes = Array.from(
      { length: options.nodes ?? 1 },
      (_, i) => new PaperNode({ gateway: harness.viewing.gateway, clock, nodeId: `node-${i + 1}` }),
    );
    await clock.pass(10);
    const [node] = nodes;
    if (node === undefined) throw new Error('no node');
    /** Starts, and lets the node answer. */
    const start = async (...call: Parameters<ViewingHarness['start']>) => {
      const started = harness.start(...call);
      // Who waits for it comes later; until then a refusal is nobody's.
      started.catch(() => undefined);
      await clock.pass(5);
      return started;
    };
    return { ...harness, clock, node, nodes, events, start };
  };
}
