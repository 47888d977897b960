import { type Dispatch, useEffect, useRef } from 'react';
import { CameraTile } from './camera-tile/camera-tile.tsx';
import type { Dragged } from './camera-tile/dragged.ts';
import { EmptyTile } from './camera-tile/empty-tile.tsx';
import type { WallSignals } from './wall-signals.ts';
import { type PlacedCamera, shownSlots, type WallAction, type WallState } from './wall-state.ts';

interface WallGridProps {
  readonly state: WallState;
  readonly dispatch: Dispatch<WallAction>;
  readonly signals: WallSignals;
  readonly showFigures: boolean;
}

/**
 * The tiles. Each camera keeps its element wherever it goes on the wall: places are given by the grid, and the order
 * of the elements in the document never changes, so that moving and enlarging interrupt no picture.
 */
export function WallGrid({ state, dispatch, signals, showFigures }: WallGridProps) {
  const grid = useRef<HTMLElement>(null);
  const side = Math.sqrt(state.layout);
  // The focus follows the selection, unless it is at work somewhere else on the page.
  useEffect(() => {
    const { activeElement } = document;
    const isFree = activeElement === null || activeElement === document.body;
    if (!isFree && grid.current?.contains(activeElement) !== true) return;
    grid.current?.querySelector<HTMLElement>(`[data-testid="tile-${state.selected}"]`)?.focus();
  }, [state.selected]);
  return (
    <section
      ref={grid}
      aria-label="Tiles"
      data-focused={state.focused || undefined}
      className="grid min-h-0 flex-1 gap-0.5 bg-bg p-0.5"
      style={{
        gridTemplateColumns: `repeat(${side}, minmax(0, 1fr))`,
        gridTemplateRows: `repeat(${side}, minmax(0, 1fr))`,
      }}
    >
      {inSteadyOrder(shownSlots(state)).map(({ camera, slot }) => {
        const selected = slot === state.selected;
        const large = state.focused && selected;
        const place = {
          slot,
          side,
          selected,
          large,
          covered: state.focused && !selected,
          onSelect: () => dispatch({ type: 'select', slot }),
          onToggleLarge: () => dispatch(large ? { type: 'unfocus' } : { type: 'focus', slot }),
          onDrop: (dragged: Dragged) =>
            dispatch(
              dragged.kind === 'camera'
                ? { type: 'assign', camera: dragged.camera, slot }
                : { type: 'move', from: dragged.slot, to: slot },
            ),
        };
        if (camera === null) return <EmptyTile key={`empty ${slot}`} {...place} />;
        return (
          <CameraTile
            key={camera.id}
            {...place}
            camera={camera}
            tiles={state.layout}
            showFigures={showFigures}
            signals={signals}
            onClear={() => dispatch({ type: 'clear', slot })}
          />
        );
      })}
    </section>
  );
}

interface Placed {
  readonly camera: PlacedCamera | null;
  readonly slot: number;
}

/** By camera id, empty tiles last: an order that no move on the wall changes. */
function inSteadyOrder(slots: readonly (PlacedCamera | null)[]): readonly Placed[] {
  const key = ({ camera, slot }: Placed) =>
    camera === null ? `~${String(slot).padStart(2, '0')}` : camera.id;
  return slots.map((camera, slot) => ({ camera, slot })).sort((a, b) => (key(a) < key(b) ? -1 : 1));
}
