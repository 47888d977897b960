// The wall of whoever is signed in: read at once from this browser, kept on every change.
import type { UserId } from '@vedette/contracts';
import { type Dispatch, useEffect, useReducer, useRef } from 'react';
import { EMPTY_WALL, type WallAction, type WallState, wallReducer } from './wall-state.ts';
import { readWall, wallFromQuery, wallStorageKey, writeWall } from './wall-storage.ts';

export interface Wall {
  readonly state: WallState;
  readonly dispatch: Dispatch<WallAction>;
  /** Neither this browser nor the address had a wall: the first cameras fill it. */
  readonly isFirstVisit: boolean;
}

export function useWall(
  userId: UserId,
  query: { readonly layout?: number; readonly cameras?: string },
): Wall {
  const first = useRef<{ readonly known: WallState | undefined } | null>(null);
  first.current ??= {
    known: wallFromQuery(query) ?? readWall(localStorage.getItem(wallStorageKey(userId))),
  };
  const { known } = first.current;
  const [state, dispatch] = useReducer(wallReducer, known ?? EMPTY_WALL);
  const kept = useRef('');
  useEffect(() => {
    const text = writeWall(state);
    if (text === kept.current || (known === undefined && state === EMPTY_WALL)) return;
    kept.current = text;
    localStorage.setItem(wallStorageKey(userId), text);
  }, [state, userId, known]);
  return { state, dispatch, isFirstVisit: known === undefined };
}
