import { type DragEvent, type ReactNode, type Ref, useState } from 'react';
import { classNames } from '../../../ui/class-names.ts';
import { type Dragged, readDragged, writeDragged } from './dragged.ts';

export interface TileFrameProps {
  readonly slot: number;
  readonly label: string;
  readonly selected: boolean;
  /** Covers the wall. */
  readonly large: boolean;
  /** Lies under the large one. */
  readonly covered: boolean;
  /** Row and column count of the wall. */
  readonly side: number;
  readonly onSelect: () => void;
  readonly onToggleLarge: () => void;
  readonly onDrop: (dragged: Dragged) => void;
}

/** A place on the wall: position, selection, dragging. Its size never depends on what is in it. */
export function TileFrame(
  props: TileFrameProps & {
    readonly draggable: boolean;
    readonly data: Readonly<Record<`data-${string}`, string | number | undefined>>;
    readonly frameRef?: Ref<HTMLElement>;
    readonly onHover?: (over: boolean) => void;
    readonly children: ReactNode;
  },
) {
  const { slot, side, large } = props;
  const [over, setOver] = useState(false);
  const accept = (event: DragEvent) => {
    event.preventDefault();
    setOver(true);
  };
  const place = large
    ? { gridArea: '1 / 1 / -1 / -1' }
    : { gridRow: Math.floor(slot / side) + 1, gridColumn: (slot % side) + 1 };
  return (
    <article
      ref={props.frameRef}
      {...props.data}
      data-testid={`tile-${slot}`}
      data-selected={props.selected || undefined}
      data-large={large || undefined}
      aria-label={props.label}
      aria-current={props.selected ? 'true' : undefined}
      tabIndex={props.selected ? 0 : -1}
      inert={props.covered}
      style={place}
      draggable={props.draggable}
      onDragStart={(event) => writeDragged(event.dataTransfer, { kind: 'tile', slot })}
      onDragOver={accept}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        const dragged = readDragged(event.dataTransfer);
        if (dragged !== undefined) props.onDrop(dragged);
      }}
      onPointerEnter={() => props.onHover?.(true)}
      onPointerLeave={() => props.onHover?.(false)}
      onFocus={props.onSelect}
      onPointerDown={props.onSelect}
      onDoubleClick={props.onToggleLarge}
      className={classNames(
        'wall-tile group on-video relative min-h-0 min-w-0 overflow-hidden bg-black text-text outline-none select-none',
        large && 'z-10',
      )}
    >
      {props.children}
      {/* Lies over the picture, so that selecting changes no size. */}
      <div
        aria-hidden
        className={classNames(
          'pointer-events-none absolute inset-0 border-2 transition-colors duration-75',
          over
            ? 'border-accent bg-accent/15'
            : props.selected && !large
              ? 'border-accent/80 group-focus-visible:border-accent'
              : 'border-transparent',
        )}
      />
    </article>
  );
}
