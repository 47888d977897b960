import { Link } from '@tanstack/react-router';
import { Search, X } from 'lucide-react';
import { type Dispatch, type KeyboardEvent, useEffect, useId, useMemo, useRef, useState } from 'react';
import { problemOf } from '../../api/api-result.ts';
import { useCameraList } from '../../api/queries.ts';
import { useMay } from '../../shell/use-may.ts';
import { IconButton } from '../../ui/button.tsx';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { useSettled } from '../../ui/use-settled.ts';
import { useVisibleRange } from '../../ui/visible-range.ts';
import { CameraRow, ROW_HEIGHT } from './camera-row.tsx';
import { shownSlots, type WallAction, type WallState } from './wall-state.ts';

interface CameraListProps {
  readonly state: WallState;
  readonly dispatch: Dispatch<WallAction>;
}

/**
 * The cameras beside the wall: type to search, arrows to choose, Enter to put on the wall; or press, or drag.
 * Only the rows in view are drawn, however many there are.
 */
export function CameraList({ state, dispatch }: CameraListProps) {
  const listId = useId();
  const mayAdd = useMay('camera.write');
  const [typed, setTyped] = useState('');
  const q = useSettled(typed.trim(), 150);
  const { data, error, isPending, hasNextPage, isFetchingNextPage, fetchNextPage } = useCameraList(q);
  const cameras = useMemo(() => data?.pages.flatMap((page) => page.items) ?? [], [data]);
  const [wanted, setActive] = useState(0);
  const active = Math.min(wanted, Math.max(0, cameras.length - 1));
  const box = useRef<HTMLDivElement>(null);
  const range = useVisibleRange(box, { rowHeight: ROW_HEIGHT, rows: cameras.length });
  const wantsMore = range.end >= cameras.length - 30 && hasNextPage && !isFetchingNextPage;
  useEffect(() => {
    if (wantsMore) void fetchNextPage();
  }, [wantsMore, fetchNextPage]);
  const slotOf = new Map(shownSlots(state).map((placed, slot) => [placed?.id, slot]));

  const moveTo = (index: number) => {
    const next = Math.max(0, Math.min(cameras.length - 1, index));
    setActive(next);
    const element = box.current;
    if (element === null) return;
    const top = next * ROW_HEIGHT;
    if (top < element.scrollTop) element.scrollTop = top;
    else if (top + ROW_HEIGHT > element.scrollTop + element.clientHeight)
      element.scrollTop = top + ROW_HEIGHT - element.clientHeight;
  };
  const assign = (index: number) => {
    const camera = cameras[index];
    if (camera !== undefined) dispatch({ type: 'assign', camera: { id: camera.id, name: camera.name } });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const page = Math.max(1, Math.floor((box.current?.clientHeight ?? 0) / ROW_HEIGHT) - 1);
    const steps: Readonly<Record<string, number>> = {
      ArrowDown: 1,
      ArrowUp: -1,
      PageDown: page,
      PageUp: -page,
    };
    const step = steps[event.key];
    if (step !== undefined) moveTo(active + step);
    else if (event.key === 'Enter') assign(active);
    else if (event.key === 'Escape' && typed !== '') setTyped('');
    else if (event.key === 'Escape') (event.target as HTMLElement).blur();
    else return;
    event.preventDefault();
  };

  return (
    <aside aria-label="Cameras" className="group/cameras flex w-72 shrink-0 flex-col border-l bg-surface">
      <div className="flex h-11 shrink-0 items-center gap-2 border-b px-3">
        <Search aria-hidden className="size-4 shrink-0 text-faint" strokeWidth={1.75} />
        <input
          id="camera-search"
          data-testid="camera-search"
          role="combobox"
          aria-label="Search cameras"
          aria-expanded="true"
          aria-controls={listId}
          aria-activedescendant={cameras.length === 0 ? undefined : `${listId}-${active}`}
          autoComplete="off"
          spellCheck={false}
          placeholder="Search cameras"
          value={typed}
          onChange={(event) => {
            setTyped(event.target.value);
            setActive(0);
          }}
          onKeyDown={onKeyDown}
          className="h-full min-w-0 flex-1 bg-transparent text-sm outline-none placeholder:text-faint"
        />
        {typed === '' ? (
          <kbd className="hint-key">/</kbd>
        ) : (
          <IconButton small label="Clear search" icon={X} onClick={() => setTyped('')} side="left" />
        )}
      </div>
      <div ref={box} className="min-h-0 flex-1 overflow-y-auto">
        {error !== null && data === undefined ? (
          <ProblemNote problem={problemOf(error)} className="m-3" />
        ) : cameras.length === 0 ? (
          <div className="px-4 py-6 text-center text-faint" data-testid="camera-list-empty">
            {isPending
              ? 'Loading cameras'
              : q === ''
                ? 'There are no cameras yet.'
                : `No camera matches “${q}”.`}
            {!isPending && q === '' && mayAdd && (
              <Link to="/cameras" className="mt-1 block text-accent underline underline-offset-2">
                Add the first one
              </Link>
            )}
          </div>
        ) : (
          <div
            id={listId}
            role="listbox"
            aria-label="Cameras"
            tabIndex={-1}
            className="relative"
            style={{ height: cameras.length * ROW_HEIGHT }}
          >
            {cameras.slice(range.first, range.end).map((camera, offset) => {
              const index = range.first + offset;
              return (
                <CameraRow
                  key={camera.id}
                  id={`${listId}-${index}`}
                  camera={camera}
                  top={index * ROW_HEIGHT}
                  active={index === active}
                  slot={slotOf.get(camera.id)}
                  onChoose={() => {
                    setActive(index);
                    assign(index);
                  }}
                />
              );
            })}
          </div>
        )}
      </div>
    </aside>
  );
}
