// Every read of the control API as a hook; writes are called on the API directly and then invalidate by key.

import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query';
import type { Camera, CameraId, NodeId } from '@vedette/contracts';
import { problemOf, unwrap } from './api-result.ts';
import type { AuditFilter } from './audit-query.ts';
import { queryKeys } from './query-keys.ts';
import { useServices } from './services.ts';
import type { CameraFilter, CameraUseAsk, WatchTimeAsk } from './vedette-api.ts';

const CAMERAS_A_PAGE = 200;
const LONGEST_PAGE = 500;
const MOST_CAMERAS = 10_000;

const NO_FILTER: CameraFilter = {};

export function useCameraList(q: string, filter = NO_FILTER) {
  const { api, states } = useServices();
  return useInfiniteQuery({
    queryKey: queryKeys.cameraList(q, filter),
    queryFn: async ({ pageParam, signal }) => {
      const page = unwrap(
        await api.cameras({ ...filter, q, limit: CAMERAS_A_PAGE, cursor: pageParam, signal }),
      );
      states.seed(page.items);
      return page;
    },
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.nextCursor ?? undefined,
    placeholderData: keepPreviousData,
  });
}

/** Every camera by its id, kept true by live events; for pages that compare with all there is. */
export function useEveryCamera(wanted = true): ReadonlyMap<CameraId, Camera> | undefined {
  const { api, states } = useServices();
  const query = useQuery({
    queryKey: queryKeys.everyCamera,
    enabled: wanted,
    queryFn: async ({ signal }) => {
      const all = new Map<CameraId, Camera>();
      let cursor: string | undefined;
      do {
        const page = unwrap(await api.cameras({ limit: LONGEST_PAGE, cursor, signal }));
        for (const camera of page.items) all.set(camera.id, camera);
        states.seed(page.items);
        cursor = page.nextCursor ?? undefined;
      } while (cursor !== undefined && all.size < MOST_CAMERAS);
      return all;
    },
  });
  return query.data;
}

export function useCamera(id: CameraId | undefined) {
  const { api, states } = useServices();
  return useQuery({
    queryKey: queryKeys.camera(id ?? ('' as CameraId)),
    enabled: id !== undefined,
    queryFn: async ({ signal }) => {
      const camera = unwrap(await api.camera(id ?? ('' as CameraId), signal));
      states.seed([camera]);
      return camera;
    },
  });
}

/** Where devices can be looked for; networks come and go. */
export function useDiscoveryPlaces() {
  const { api } = useServices();
  return useQuery({
    queryKey: queryKeys.discoveryPlaces,
    queryFn: async ({ signal }) => unwrap(await api.discoveryPlaces(signal)),
  });
}

/** How far a search is, asked every second while it runs. */
export function useDiscovery(id: string | undefined) {
  const { api } = useServices();
  return useQuery({
    queryKey: queryKeys.discovery(id ?? ''),
    enabled: id !== undefined,
    queryFn: async ({ signal }) => unwrap(await api.discovery(id ?? '', signal)),
    refetchInterval: ({ state }) => {
      const isGone = state.error !== null && problemOf(state.error).code === 'not_found';
      return isGone || (state.data !== undefined && state.data.state !== 'running') ? false : 1_000;
    },
  });
}

export function useNodes() {
  const { api } = useServices();
  return useQuery({
    queryKey: queryKeys.nodes,
    queryFn: async ({ signal }) => unwrap(await api.nodes(signal)),
    refetchInterval: 10_000,
  });
}

/** As it would be now; the live state changes all the time. */
export function useRehearsal(id: NodeId) {
  const { api } = useServices();
  return useQuery({
    queryKey: queryKeys.rehearsal(id),
    queryFn: async ({ signal }) => unwrap(await api.rehearsal(id, signal)),
    refetchInterval: 2000,
  });
}

export function useStreams() {
  const { api } = useServices();
  return useQuery({
    queryKey: queryKeys.streams,
    queryFn: async ({ signal }) => unwrap(await api.streams(signal)),
    refetchInterval: 3_000,
  });
}

/** Who watches what; of one camera when one is given. */
export function useSessions(cameraId?: CameraId) {
  const { api } = useServices();
  return useQuery({
    queryKey: queryKeys.sessionList(cameraId),
    queryFn: async ({ signal }) => unwrap(await api.sessions({ cameraId }, signal)),
    refetchInterval: 3_000,
  });
}

const AUDIT_PAGE = 100;

export function useAudit(filter: AuditFilter) {
  const { api } = useServices();
  return useInfiniteQuery({
    queryKey: queryKeys.audit(filter),
    queryFn: async ({ pageParam, signal }) =>
      unwrap(await api.audit(filter, { limit: AUDIT_PAGE, cursor: pageParam, signal })),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.nextCursor ?? undefined,
    placeholderData: keepPreviousData,
  });
}

export function useUsers(wanted = true) {
  const { api } = useServices();
  return useQuery({
    enabled: wanted,
    queryKey: queryKeys.users,
    queryFn: async ({ signal }) => unwrap(await api.users(signal)),
  });
}

export function useTokens() {
  const { api } = useServices();
  return useQuery({
    queryKey: queryKeys.tokens,
    queryFn: async ({ signal }) => unwrap(await api.tokens(signal)),
  });
}

export function useCameraProfiles(id: CameraId) {
  const { api } = useServices();
  return useQuery({
    queryKey: queryKeys.cameraProfiles(id),
    queryFn: async ({ signal }) => unwrap(await api.cameraProfiles(id, signal)),
  });
}

export function useCameraHistory(id: CameraId) {
  const { api } = useServices();
  return useQuery({
    queryKey: queryKeys.cameraHistory(id),
    queryFn: async ({ signal }) => unwrap(await api.cameraHistory(id, signal)),
  });
}

export function useWatchTime(ask: WatchTimeAsk) {
  const { api } = useServices();
  return useQuery({
    queryKey: queryKeys.watchTime(ask),
    queryFn: async ({ signal }) => unwrap(await api.watchTime(ask, signal)),
    placeholderData: keepPreviousData,
  });
}

export function useCameraUse(ask: CameraUseAsk) {
  const { api } = useServices();
  return useQuery({
    queryKey: queryKeys.cameraUse(ask),
    queryFn: async ({ signal }) => unwrap(await api.cameraUse(ask, signal)),
    placeholderData: keepPreviousData,
  });
}
