import type { Camera, CameraId } from '@vedette/contracts';
import { type Dispatch, useEffect, useRef } from 'react';
import { useApi } from '../../api/services.ts';
import type { WallAction, WallState } from './wall-state.ts';

/**
 * Gives the tiles the names that control knows: from the list as far as it was read, and one by one for cameras of a
 * link that stand further down.
 */
export function useCameraNames(
  state: WallState,
  dispatch: Dispatch<WallAction>,
  listed: readonly Camera[] | undefined,
): void {
  const api = useApi();
  const asked = useRef(new Set<CameraId>());
  useEffect(() => {
    if (listed === undefined) return;
    dispatch({ type: 'names', cameras: listed });
    const inList = new Set(listed.map(({ id }) => id));
    for (const placed of state.slots) {
      // A link has no names; an id stands in for each.
      if (placed === null || placed.name !== placed.id || inList.has(placed.id)) continue;
      if (asked.current.has(placed.id)) continue;
      asked.current.add(placed.id);
      void api.camera(placed.id).then((result) => {
        if (result.ok) dispatch({ type: 'names', cameras: [result.value] });
      });
    }
  }, [listed, state.slots, dispatch, api]);
}
