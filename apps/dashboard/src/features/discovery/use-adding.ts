import { useQueryClient } from '@tanstack/react-query';
import type { Camera, FoundDevice, Problem } from '@vedette/contracts';
import { useEffect, useRef, useState } from 'react';
import { queryKeys } from '../../api/query-keys.ts';
import { useServices } from '../../api/services.ts';
import { type Credentials, cameraOf, deviceKey } from './found-words.ts';

/** How adding one device goes. */
export type Adding =
  | { readonly step: 'waiting' }
  | { readonly step: 'added'; readonly camera: Camera }
  | { readonly step: 'failed'; readonly problem: Problem };

/** Adds devices as cameras, one after the other, and keeps how each went. Leaving the page stops it. */
export function useAdding() {
  const { api, states } = useServices();
  const queries = useQueryClient();
  const [results, setResults] = useState<ReadonlyMap<string, Adding>>(new Map());
  const [busy, setBusy] = useState(false);
  const left = useRef(false);
  useEffect(() => {
    left.current = false;
    return () => {
      left.current = true;
    };
  }, []);
  const note = (device: FoundDevice, adding: Adding) =>
    setResults((old) => new Map(old).set(deviceKey(device), adding));

  const add = async (devices: readonly FoundDevice[], credentials: Credentials) => {
    setBusy(true);
    for (const device of devices) note(device, { step: 'waiting' });
    for (const device of devices) {
      if (left.current) break;
      const result = await api.addCamera(cameraOf(device, credentials));
      if (result.ok) states.seed([result.value]);
      note(
        device,
        result.ok ? { step: 'added', camera: result.value } : { step: 'failed', problem: result.problem },
      );
    }
    void queries.invalidateQueries({ queryKey: queryKeys.cameras });
    setBusy(false);
  };
  return { results, busy, add, forget: () => setResults(new Map()) };
}
