// A wall as text and back: kept per user in this browser, and in a link that can be handed on.
// What comes in may be anything; what cannot be understood is left out.
import type { CameraId, UserId } from '@vedette/contracts';
import {
  EMPTY_WALL,
  LAYOUTS,
  type Layout,
  MAX_TILES,
  type PlacedCamera,
  type WallState,
} from './wall-state.ts';

const VERSION = 1;
const ID = /^[a-z0-9]{1,40}$/;
const LONGEST_NAME = 200;

export function wallStorageKey(userId: UserId): string {
  return `vedette.wall.${userId}`;
}

export function writeWall(state: WallState): string {
  return JSON.stringify({ v: VERSION, layout: state.layout, slots: state.slots });
}

/** Undefined when this user has no wall yet, or none that can be read. */
export function readWall(text: string | null): WallState | undefined {
  if (text === null) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null || !('v' in value) || value.v !== VERSION)
      return undefined;
    if (!('layout' in value) || !isLayout(value.layout)) return undefined;
    if (!('slots' in value) || !Array.isArray(value.slots)) return undefined;
    return { ...EMPTY_WALL, layout: value.layout, slots: slotsOf(value.slots.map(placedCamera)) };
  } catch {
    return undefined;
  }
}

/** The query of a link to this wall: `layout=9&cameras=id,,id` with an empty place for an empty tile. */
export function wallQuery(state: WallState): string {
  const ids = state.slots.slice(0, state.layout).map((placed) => placed?.id ?? '');
  return `layout=${state.layout}&cameras=${ids.join(',').replace(/,+$/, '')}`;
}

/** Undefined when the link names no wall. Names are not in the link; an id stands in until the list has come. */
export function wallFromQuery(query: {
  readonly layout?: unknown;
  readonly cameras?: unknown;
}): WallState | undefined {
  if (typeof query.cameras !== 'string') return undefined;
  const placed = query.cameras.split(',').map((id) => placedCamera({ id, name: id }));
  const layout = isLayout(query.layout) ? query.layout : smallestFor(placed.length);
  return { ...EMPTY_WALL, layout, slots: slotsOf(placed.slice(0, layout)) };
}

function smallestFor(tiles: number): Layout {
  return LAYOUTS.find((layout) => layout >= tiles) ?? MAX_TILES;
}

function isLayout(value: unknown): value is Layout {
  return LAYOUTS.some((layout) => layout === value);
}

function placedCamera(value: unknown): PlacedCamera | null {
  if (typeof value !== 'object' || value === null || !('id' in value)) return null;
  if (typeof value.id !== 'string' || !ID.test(value.id)) return null;
  const name =
    'name' in value && typeof value.name === 'string' ? value.name.slice(0, LONGEST_NAME) : value.id;
  return { id: value.id as CameraId, name };
}

function slotsOf(placed: readonly (PlacedCamera | null)[]): WallState['slots'] {
  const seen = new Set<CameraId>();
  return EMPTY_WALL.slots.map((_empty, slot) => {
    const camera = placed[slot] ?? null;
    if (camera === null || seen.has(camera.id)) return null;
    seen.add(camera.id);
    return camera;
  });
}
