import { useQuery } from '@tanstack/react-query';
import { unwrap } from './api-result.ts';
import { queryKeys } from './query-keys.ts';
import { useServices } from './services.ts';

/** With what is in use, which changes all the time. */
export function useLimits() {
  const { api } = useServices();
  return useQuery({
    queryKey: queryKeys.limits,
    queryFn: async ({ signal }) => unwrap(await api.rules.limits(signal)),
    refetchInterval: 3_000,
  });
}

export function usePolicy() {
  const { api } = useServices();
  return useQuery({
    queryKey: queryKeys.policy,
    queryFn: async ({ signal }) => unwrap(await api.rules.policy(signal)),
    refetchInterval: 15_000,
  });
}

export function usePolicyVersions() {
  const { api } = useServices();
  return useQuery({
    queryKey: queryKeys.policyVersions,
    queryFn: async ({ signal }) => unwrap(await api.rules.policyVersions(signal)),
  });
}

export function usePolicyVersion(version: number | undefined) {
  const { api } = useServices();
  return useQuery({
    queryKey: queryKeys.policyVersion(version ?? 0),
    enabled: version !== undefined,
    queryFn: async ({ signal }) => unwrap(await api.rules.policyVersion(version ?? 0, signal)),
    staleTime: Number.POSITIVE_INFINITY,
  });
}
