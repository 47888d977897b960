// In: what the operator does with the wall. Out: which camera stands in which tile, and which tile is selected.
// Pure; keeping it (wall-storage.ts) and playing it (camera-tile.tsx) are not its job.
import type { CameraId } from '@vedette/contracts';

export const LAYOUTS = [1, 4, 9, 16] as const;
export type Layout = (typeof LAYOUTS)[number];
export const MAX_TILES = 16;

export interface PlacedCamera {
  readonly id: CameraId;
  readonly name: string;
}

export interface WallState {
  readonly layout: Layout;
  /** Always MAX_TILES long; those beyond the layout are remembered for when it grows again. */
  readonly slots: readonly (PlacedCamera | null)[];
  readonly selected: number;
  /** The selected tile covers the wall, in its main stream. */
  readonly focused: boolean;
}

export type Direction = 'left' | 'right' | 'up' | 'down';

export type WallAction =
  | { readonly type: 'layout'; readonly layout: Layout }
  /** Without a slot: the selected tile when it is empty, else the first empty one, else the selected one. */
  | { readonly type: 'assign'; readonly camera: PlacedCamera; readonly slot?: number }
  | { readonly type: 'move'; readonly from: number; readonly to: number }
  | { readonly type: 'clear'; readonly slot: number }
  | { readonly type: 'clear-all' }
  /** Puts cameras that are not on the wall yet into its empty tiles, in the order given. */
  | { readonly type: 'fill'; readonly cameras: readonly PlacedCamera[] }
  | { readonly type: 'select'; readonly slot: number }
  | { readonly type: 'step'; readonly direction: Direction }
  /** Swaps the selected tile with its neighbour. */
  | { readonly type: 'carry'; readonly direction: Direction }
  | { readonly type: 'focus'; readonly slot?: number }
  | { readonly type: 'unfocus' }
  /** Names as control knows them now. */
  | { readonly type: 'names'; readonly cameras: readonly PlacedCamera[] }
  | { readonly type: 'forget'; readonly cameraId: CameraId };

export const EMPTY_WALL: WallState = {
  layout: 9,
  slots: Array.from({ length: MAX_TILES }, () => null),
  selected: 0,
  focused: false,
};

export function wallReducer(state: WallState, action: WallAction): WallState {
  switch (action.type) {
    case 'layout':
      return withLayout(state, action.layout);
    case 'assign':
      return assign(state, action.camera, action.slot);
    case 'move':
      return swap(state, action.from, action.to);
    case 'clear':
      return clear(state, action.slot);
    case 'clear-all':
      return { ...state, slots: EMPTY_WALL.slots, focused: false };
    case 'fill':
      return fill(state, action.cameras);
    case 'select':
      return select(state, action.slot);
    case 'step':
      return select(state, neighbour(state.selected, action.direction, state.layout));
    case 'carry':
      return swap(state, state.selected, neighbour(state.selected, action.direction, state.layout));
    case 'focus':
      return focus(state, action.slot ?? state.selected);
    case 'unfocus':
      return state.focused ? { ...state, focused: false } : state;
    case 'names':
      return rename(state, action.cameras);
    case 'forget':
      return forget(state, action.cameraId);
  }
}

/** The tile next to `slot`; the same one at an edge. */
export function neighbour(slot: number, direction: Direction, layout: Layout): number {
  const side = Math.sqrt(layout);
  const row = Math.floor(slot / side);
  const column = slot % side;
  switch (direction) {
    case 'left':
      return column === 0 ? slot : slot - 1;
    case 'right':
      return column === side - 1 ? slot : slot + 1;
    case 'up':
      return row === 0 ? slot : slot - side;
    case 'down':
      return row === side - 1 ? slot : slot + side;
  }
}

export function shownSlots(state: WallState): readonly (PlacedCamera | null)[] {
  return state.slots.slice(0, state.layout);
}

function isShown(state: WallState, slot: number): boolean {
  return Number.isInteger(slot) && slot >= 0 && slot < state.layout;
}

function withLayout(state: WallState, layout: Layout): WallState {
  const selected = state.selected < layout ? state.selected : 0;
  return { ...state, layout, selected, focused: state.focused && selected === state.selected && layout > 1 };
}

function assign(state: WallState, camera: PlacedCamera, wanted: number | undefined): WallState {
  const slot = wanted ?? freeSlot(state);
  if (!isShown(state, slot)) return state;
  const from = state.slots.findIndex((placed) => placed?.id === camera.id);
  // Already on the wall: it changes places with what stands there, so that a camera is never shown twice.
  if (from !== -1 && from < state.layout) {
    return wanted === undefined ? { ...state, selected: from } : swap(state, from, slot);
  }
  const slots = state.slots.with(slot, camera);
  return { ...state, slots: from === -1 ? slots : slots.with(from, null), selected: slot };
}

function freeSlot(state: WallState): number {
  if (state.slots[state.selected] === null || state.focused) return state.selected;
  const empty = shownSlots(state).indexOf(null);
  return empty === -1 ? state.selected : empty;
}

function swap(state: WallState, from: number, to: number): WallState {
  if (!isShown(state, from) || !isShown(state, to) || from === to) return state;
  const slots = state.slots.with(to, state.slots[from] ?? null).with(from, state.slots[to] ?? null);
  return { ...state, slots, selected: to, focused: state.focused && slots[to] !== null };
}

function clear(state: WallState, slot: number): WallState {
  if ((state.slots[slot] ?? null) === null) return state;
  return {
    ...state,
    slots: state.slots.with(slot, null),
    focused: state.focused && slot !== state.selected,
  };
}

function fill(state: WallState, cameras: readonly PlacedCamera[]): WallState {
  const shown = new Set(shownSlots(state).map((placed) => placed?.id));
  const waiting = cameras.filter(({ id }) => !shown.has(id));
  const placed = new Set<CameraId>();
  const slots = state.slots.map((camera, slot) => {
    if (slot >= state.layout || camera !== null) return camera;
    const next = waiting.shift() ?? null;
    if (next !== null) placed.add(next.id);
    return next;
  });
  if (placed.size === 0) return state;
  return {
    ...state,
    slots: slots.map((camera, slot) =>
      slot >= state.layout && camera !== null && placed.has(camera.id) ? null : camera,
    ),
  };
}

function select(state: WallState, slot: number): WallState {
  if (!isShown(state, slot) || slot === state.selected) return state;
  // An empty tile has nothing to show large.
  return state.focused && state.slots[slot] === null ? state : { ...state, selected: slot };
}

function focus(state: WallState, slot: number): WallState {
  if (!isShown(state, slot) || (state.slots[slot] ?? null) === null) return state;
  return { ...state, selected: slot, focused: state.layout > 1 };
}

function rename(state: WallState, cameras: readonly PlacedCamera[]): WallState {
  const names = new Map(cameras.map(({ id, name }) => [id, name]));
  let changed = false;
  const slots = state.slots.map((placed) => {
    const name = placed === null ? undefined : names.get(placed.id);
    if (placed === null || name === undefined || name === placed.name) return placed;
    changed = true;
    return { id: placed.id, name };
  });
  return changed ? { ...state, slots } : state;
}

function forget(state: WallState, cameraId: CameraId): WallState {
  const slot = state.slots.findIndex((placed) => placed?.id === cameraId);
  return slot === -1 ? state : clear(state, slot);
}
