import { keepPreviousData, useQuery } from '@tanstack/react-query';
import type { DeliveryState } from '@vedette/contracts';
import { unwrap } from './api-result.ts';
import { queryKeys } from './query-keys.ts';
import { useServices } from './services.ts';

export function useAlertTargets() {
  const { api } = useServices();
  return useQuery({
    queryKey: queryKeys.alertTargets,
    queryFn: async ({ signal }) => unwrap(await api.alerts.targets(signal)),
  });
}

/** The newest hundred; what is on its way changes by itself. */
export function useAlertDeliveries(state: DeliveryState | undefined) {
  const { api } = useServices();
  return useQuery({
    queryKey: queryKeys.alertDeliveries(state),
    queryFn: async ({ signal }) => unwrap(await api.alerts.deliveries(state, signal)),
    placeholderData: keepPreviousData,
    refetchInterval: 5_000,
  });
}
