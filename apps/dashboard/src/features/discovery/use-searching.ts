import type { Discovery, DiscoveryRequest, Problem } from '@vedette/contracts';
import { useEffect, useState } from 'react';
import { problemOf } from '../../api/api-result.ts';
import { useDiscovery } from '../../api/queries.ts';
import { useApi } from '../../api/services.ts';

/** One search at a time: begun, followed, called off; leaving the page calls it off too. */
export function useSearching() {
  const api = useApi();
  const [begun, setBegun] = useState<Discovery>();
  const [starting, setStarting] = useState(false);
  const [startProblem, setStartProblem] = useState<Problem>();
  const query = useDiscovery(begun?.id);
  const id = begun?.id;
  useEffect(
    () => () => {
      if (id !== undefined) void api.cancelDiscovery(id);
    },
    [api, id],
  );
  const problem = query.error === null ? undefined : problemOf(query.error);
  const isGone = problem?.code === 'not_found';
  const current = isGone ? undefined : (query.data ?? begun);
  return {
    current,
    isGone,
    problem: isGone ? undefined : problem,
    starting,
    startProblem,
    start: async (request: DiscoveryRequest) => {
      setStarting(true);
      setStartProblem(undefined);
      const result = await api.beginDiscovery(request);
      setStarting(false);
      if (result.ok) setBegun(result.value);
      else setStartProblem(result.problem);
      return result.ok;
    },
    cancel: () => {
      if (id === undefined) return;
      void api.cancelDiscovery(id).then(() => query.refetch());
    },
  };
}
