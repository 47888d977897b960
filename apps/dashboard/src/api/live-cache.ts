// In: live events. Out: camera states, patched node rows, and refetches that are few however many events come.

import type { QueryClient } from '@tanstack/react-query';
import type { LiveEvent, NodeView } from '@vedette/contracts';
import type { CameraStates } from './camera-states.ts';
import { queryKeys } from './query-keys.ts';
import type { Page } from './vedette-api.ts';

type Kind = 'cameras' | 'sessions' | 'nodes' | 'streams';

export interface LiveCacheOptions {
  readonly queries: Pick<QueryClient, 'invalidateQueries' | 'setQueryData'>;
  readonly states: CameraStates;
  readonly setTimer: (callback: () => void, delayMs: number) => void;
}

/** A thousand cameras imported at once cost one refetch of a list every so long, not a thousand. */
const REFETCH_EVERY_MS = 1500;

export class LiveCache {
  readonly #options: LiveCacheOptions;
  readonly #stale = new Set<Kind>();

  constructor(options: LiveCacheOptions) {
    this.#options = options;
  }

  apply(event: LiveEvent): void {
    switch (event.type) {
      case 'camera.state':
        this.#options.states.set(event.cameraId, event);
        return;
      case 'camera.changed':
        this.#markStale('cameras');
        return;
      case 'camera.deleted':
        this.#options.states.delete(event.cameraId);
        this.#markStale('cameras');
        return;
      case 'session.started':
      case 'session.ended':
        this.#markStale('sessions');
        this.#markStale('streams');
        return;
      case 'session.move':
        this.#markStale('sessions');
        return;
      case 'node.state':
        this.#applyNode(event);
        return;
    }
  }

  /** The line was down for a while: whatever is on the screen may be old. */
  missed(): void {
    for (const kind of ['cameras', 'sessions', 'nodes', 'streams'] as const) this.#markStale(kind);
  }

  #applyNode(event: Extract<LiveEvent, { type: 'node.state' }>): void {
    let known = false;
    this.#options.queries.setQueryData<Page<NodeView>>(queryKeys.nodes, (page) => {
      const patched = page === undefined ? undefined : withNodeState(page, event);
      known = patched !== undefined;
      return patched ?? page;
    });
    if (!known) this.#markStale('nodes');
  }

  #markStale(kind: Kind): void {
    if (this.#stale.size === 0) this.#options.setTimer(() => this.#refetch(), REFETCH_EVERY_MS);
    this.#stale.add(kind);
  }

  #refetch(): void {
    const kinds = [...this.#stale];
    this.#stale.clear();
    for (const kind of kinds) void this.#options.queries.invalidateQueries({ queryKey: queryKeys[kind] });
  }
}

/** The page with that node's row replaced; undefined when the node is not on it. */
export function withNodeState(
  page: Page<NodeView>,
  event: Extract<LiveEvent, { type: 'node.state' }>,
): Page<NodeView> | undefined {
  if (!page.items.some((node) => node.id === event.nodeId)) return undefined;
  return {
    ...page,
    items: page.items.map((node) =>
      node.id === event.nodeId ? { ...node, state: event.state, load: event.load ?? node.load } : node,
    ),
  };
}
