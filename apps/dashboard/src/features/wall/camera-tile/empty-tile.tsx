import { Plus } from 'lucide-react';
import { tileLabel } from '../tile-words.ts';
import { TileFrame, type TileFrameProps } from './tile-frame.tsx';

/** A place without a camera; it waits to be given one. */
export function EmptyTile(props: Omit<TileFrameProps, 'label'>) {
  const label = tileLabel({ slot: props.slot, name: undefined, state: 'idle', sentence: '' });
  return (
    <TileFrame {...props} label={label} draggable={false} data={{ 'data-state': 'empty' }}>
      <div className="absolute inset-0 flex flex-col items-center justify-center gap-1.5 bg-surface text-faint">
        <Plus aria-hidden className="size-5" strokeWidth={1.5} />
        <span className="tile-sentence text-xs">
          {props.selected ? 'Choose a camera from the list' : 'Empty'}
        </span>
      </div>
    </TileFrame>
  );
}
