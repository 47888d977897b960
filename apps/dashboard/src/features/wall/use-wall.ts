// The wall of whoever is signed in: read at once from this browser, kept on every change.
import type { UserId } from '@vedette/contracts';
import { type Dispatch, useEffect, useReducer, useRef } from 'react';
import { EMPTY_WALL, type WallAction, type WallState, wallReducer } from './wall-state.ts';
import { readWall, wallFromQuery, wallQuery, wallStorageKey, writeWall } from './wall-storage.ts';

export interface Wall {
  readonly state: WallState;
  readonly dispatch: Dispatch<WallAction>;
  /** Neither this browser nor the address had a wall: the first cameras fill it. */
  readonly isFirstVisit: boolean;
  /** Shown from a link and not changed since: the address stands for it, and the own wall stays as it was. */
  readonly isBorrowed: boolean;
}

export function useWall(
  userId: UserId,
  query: { readonly layout?: number; readonly cameras?: string },
): Wall {
  const first = useRef<{
    readonly linked: WallState | undefined;
    readonly own: WallState | undefined;
  } | null>(null);
  first.current ??= {
    linked: wallFromQuery(query),
    own: readWall(localStorage.getItem(wallStorageKey(userId))),
  };
  const { linked, own } = first.current;
  const known = linked ?? own;
  const [state, dispatch] = useReducer(wallReducer, known ?? EMPTY_WALL);
  const isBorrowed = linked !== undefined && wallQuery(state) === wallQuery(linked);
  useEffect(() => {
    if (isBorrowed || state === EMPTY_WALL) return;
    localStorage.setItem(wallStorageKey(userId), writeWall(state));
  }, [state, userId, isBorrowed]);
  return { state, dispatch, isFirstVisit: known === undefined, isBorrowed };
}
