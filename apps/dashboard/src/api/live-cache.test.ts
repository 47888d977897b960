import { QueryClient } from '@tanstack/react-query';
import type { CameraId, LiveEvent, NodeId, NodeView } from '@vedette/contracts';
import { describe, expect, it, vi } from 'vitest';
import { CameraStates } from './camera-states.ts';
import { LiveCache } from './live-cache.ts';
import { queryKeys } from './query-keys.ts';
import type { Page } from './vedette-api.ts';

const id = 'c1' as CameraId;
const node = (over: Partial<NodeView> = {}): NodeView => ({
  id: 'node-1' as NodeId,
  state: 'connected',
  publicUrl: 'http://127.0.0.1:8081',
  version: '0.1.0',
  labels: {},
  draining: false,
  connectedAt: null,
  lastReportAt: null,
  streams: 0,
  load: null,
  ...over,
});

function open() {
  const queries = new QueryClient();
  const invalidate = vi.spyOn(queries, 'invalidateQueries');
  const states = new CameraStates();
  const due: (() => void)[] = [];
  const cache = new LiveCache({ queries, states, setTimer: (callback) => due.push(callback) });
  const later = () => {
    for (const callback of due.splice(0)) callback();
  };
  const refetched = () => invalidate.mock.calls.map(([filter]) => filter?.queryKey?.[0]);
  return { queries, states, cache, later, refetched };
}

describe('live events', () => {
  it('of a camera reach whoever shows that camera, and cost no refetch', () => {
    const { states, cache, later, refetched } = open();
    const listener = vi.fn();
    states.subscribe(id, listener);
    const event = { type: 'camera.state', cameraId: id, state: 'offline', reason: 'camera_refused' } as const;
    const rest = { detail: 'refused', viewers: 2, audio: null, nowPlaying: null };
    cache.apply({ ...event, ...rest });
    cache.apply({ ...event, ...rest });
    later();
    expect(listener).toHaveBeenCalledTimes(1);
    expect(states.get(id)).toMatchObject({ state: 'offline', detail: 'refused', viewers: 2 });
    expect(refetched()).toEqual([]);
  });

  it('that come by the thousand cost one refetch of each list', () => {
    const { cache, later, refetched } = open();
    for (let n = 0; n < 1000; n += 1) cache.apply({ type: 'camera.changed', cameraId: `c${n}` as CameraId });
    later();
    expect(refetched()).toEqual(['cameras']);
    cache.apply({ type: 'camera.deleted', cameraId: id });
    later();
    expect(refetched()).toEqual(['cameras', 'cameras']);
  });

  it('of a known node are put into its row, of an unknown one fetched', () => {
    const { queries, cache, later, refetched } = open();
    queries.setQueryData<Page<NodeView>>(queryKeys.nodes, { items: [node()], nextCursor: null });
    const event: LiveEvent = { type: 'node.state', nodeId: 'node-1' as NodeId, state: 'suspect', load: null };
    cache.apply(event);
    expect(queries.getQueryData<Page<NodeView>>(queryKeys.nodes)?.items[0]?.state).toBe('suspect');
    cache.apply({ ...event, nodeId: 'node-2' as NodeId });
    later();
    expect(refetched()).toEqual(['nodes']);
  });

  it('that were missed while the line was down are made up for by fetching', () => {
    const { cache, later, refetched } = open();
    cache.missed();
    later();
    expect(new Set(refetched())).toEqual(new Set(['cameras', 'sessions', 'nodes', 'streams']));
  });

  it("keep the camera's own words when a list comes that says the same without them", () => {
    const { states } = open();
    const sound = { audio: 'aac', nowPlaying: 'A song' };
    states.set(id, { state: 'offline', reason: 'camera_refused', detail: 'refused', viewers: 1, ...sound });
    states.seed([{ id, state: 'offline', reason: 'camera_refused', viewers: 0 }]);
    expect(states.get(id)?.detail).toBe('refused');
    states.seed([{ id, state: 'live', reason: 'live', viewers: 1 }]);
    expect(states.get(id)).toMatchObject({ detail: null, audio: 'aac' });
  });
});
