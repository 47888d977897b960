import { useQuery } from '@tanstack/react-query';
import { unwrap } from './api-result.ts';
import { queryKeys } from './query-keys.ts';
import { useServices } from './services.ts';

/** Sites and groups change seldom, and stand in many lists and forms: they are asked for once in a while. */
const STALE_MS = 30_000;

export function useSites() {
  const { api } = useServices();
  return useQuery({
    queryKey: queryKeys.sites,
    queryFn: async ({ signal }) => unwrap(await api.organisation.sites(signal)),
    staleTime: STALE_MS,
  });
}

export function useGroups() {
  const { api } = useServices();
  return useQuery({
    queryKey: queryKeys.groups,
    queryFn: async ({ signal }) => unwrap(await api.organisation.groups(signal)),
    staleTime: STALE_MS,
  });
}

export function useRecorders() {
  const { api } = useServices();
  return useQuery({
    queryKey: queryKeys.recorders,
    queryFn: async ({ signal }) => unwrap(await api.organisation.recorders(signal)),
  });
}

export function useTenants() {
  const { api } = useServices();
  return useQuery({
    queryKey: queryKeys.tenants,
    queryFn: async ({ signal }) => unwrap(await api.organisation.tenants(signal)),
  });
}
