import type { CameraId } from '@vedette/contracts';
import type { PlacedCamera } from '../wall-state.ts';

/** What can be dropped on a tile: a camera from the list, or another tile. */
export type Dragged =
  | { readonly kind: 'camera'; readonly camera: PlacedCamera }
  | { readonly kind: 'tile'; readonly slot: number };

const TYPE = 'application/x-vedette';

export function writeDragged(transfer: Pick<DataTransfer, 'setData'>, dragged: Dragged): void {
  transfer.setData(TYPE, JSON.stringify(dragged));
}

/** Undefined for files, texts, and whatever else people drop. */
export function readDragged(transfer: Pick<DataTransfer, 'getData'>): Dragged | undefined {
  try {
    const value: unknown = JSON.parse(transfer.getData(TYPE));
    if (typeof value !== 'object' || value === null || !('kind' in value)) return undefined;
    if (value.kind === 'tile' && 'slot' in value && typeof value.slot === 'number')
      return { kind: 'tile', slot: value.slot };
    if (value.kind === 'camera' && 'camera' in value) return draggedCamera(value.camera);
  } catch {
    // Not ours.
  }
  return undefined;
}

function draggedCamera(value: unknown): Dragged | undefined {
  if (typeof value !== 'object' || value === null || !('id' in value) || !('name' in value)) return undefined;
  if (typeof value.id !== 'string' || typeof value.name !== 'string') return undefined;
  return { kind: 'camera', camera: { id: value.id as CameraId, name: value.name } };
}
