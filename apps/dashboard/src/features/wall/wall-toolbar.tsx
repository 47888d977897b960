import {
  ChartNoAxesColumn,
  Expand,
  Grid2x2,
  Grid3x3,
  LayoutGrid,
  Link2,
  type LucideIcon,
  PanelRight,
  Square,
  Trash2,
} from 'lucide-react';
import { type Dispatch, useSyncExternalStore } from 'react';
import { Button, IconButton } from '../../ui/button.tsx';
import { classNames } from '../../ui/class-names.ts';
import { StateMark } from '../../ui/state-mark.tsx';
import { Tooltip } from '../../ui/tooltip.tsx';
import { wallSummary } from './tile-words.ts';
import type { WallSignals } from './wall-signals.ts';
import { type Layout, shownSlots, type WallAction, type WallState } from './wall-state.ts';

interface WallToolbarProps {
  readonly state: WallState;
  readonly dispatch: Dispatch<WallAction>;
  readonly signals: WallSignals;
  readonly showFigures: boolean;
  readonly onFigures: (on: boolean) => void;
  readonly listOpen: boolean;
  readonly onList: (open: boolean) => void;
  readonly onFill: () => void;
  readonly onCopyLink: () => void;
  readonly onFullScreen: () => void;
}

const CHOICES: readonly { readonly layout: Layout; readonly icon: LucideIcon; readonly key: string }[] = [
  { layout: 1, icon: Square, key: '1' },
  { layout: 4, icon: Grid2x2, key: '2' },
  { layout: 9, icon: Grid3x3, key: '3' },
  { layout: 16, icon: LayoutGrid, key: '4' },
];

export function WallToolbar(props: WallToolbarProps) {
  const { state, dispatch } = props;
  const shown = shownSlots(state);
  const isFull = shown.every((placed) => placed !== null);
  const isEmpty = shown.every((placed) => placed === null);
  return (
    <div role="toolbar" aria-label="Wall" className="flex h-11 shrink-0 items-center gap-1 px-2">
      <fieldset className="mr-2 flex gap-0.5 rounded-md bg-surface p-0.5">
        <legend className="sr-only">Tiles</legend>
        {CHOICES.map(({ layout, icon: Icon, key }) => (
          <Tooltip key={layout} label={layout === 1 ? 'One tile' : `${layout} tiles`} shortcut={key}>
            <button
              type="button"
              aria-label={layout === 1 ? 'One tile' : `${layout} tiles`}
              aria-pressed={state.layout === layout}
              data-testid={`layout-${layout}`}
              onClick={() => dispatch({ type: 'layout', layout })}
              className="flex h-7 items-center gap-1.5 rounded-sm px-2 text-xs text-muted hover:text-text aria-pressed:bg-hover aria-pressed:font-medium aria-pressed:text-text"
            >
              <Icon aria-hidden className="size-3.5" strokeWidth={1.75} />
              {layout}
            </button>
          </Tooltip>
        ))}
      </fieldset>
      <Button kind="quiet" disabled={isFull} onClick={props.onFill} data-testid="wall-fill" className="px-2">
        Fill wall
      </Button>
      <IconButton
        label="Clear all tiles"
        icon={Trash2}
        disabled={isEmpty}
        data-testid="wall-clear"
        onClick={() => dispatch({ type: 'clear-all' })}
      />
      <IconButton
        label="Copy a link to this wall"
        icon={Link2}
        disabled={isEmpty}
        onClick={props.onCopyLink}
      />
      <Summary signals={props.signals} />
      <IconButton
        label="Figures on every tile"
        shortcut="I"
        icon={ChartNoAxesColumn}
        aria-pressed={props.showFigures}
        data-testid="wall-figures"
        onClick={() => props.onFigures(!props.showFigures)}
      />
      <IconButton label="Full screen" shortcut="F" icon={Expand} onClick={props.onFullScreen} />
      <IconButton
        label="Camera list"
        shortcut="C"
        icon={PanelRight}
        aria-pressed={props.listOpen}
        data-testid="wall-list"
        onClick={() => props.onList(!props.listOpen)}
      />
    </div>
  );
}

/** The wall in one line. Healthy is quiet; what needs a person comes first and in colour. */
function Summary({ signals }: { readonly signals: WallSignals }) {
  const states = useSyncExternalStore(
    (listener) => signals.onStates(listener),
    () => signals.states,
  );
  return (
    <p
      data-testid="wall-summary"
      className="flex min-w-0 flex-1 items-center justify-end gap-4 overflow-hidden px-3 text-xs whitespace-nowrap"
    >
      {wallSummary([...states.values()]).map(({ words, count }) => (
        <span key={`${words.word} ${count}`} className="flex items-center gap-1.5">
          <StateMark shape={words.shape} tone={words.tone} className="size-2.5" />
          <span
            className={classNames(
              words.tone === 'good' || words.tone === 'none' ? 'text-muted' : 'text-text',
            )}
          >
            {count} {words.word.toLowerCase()}
          </span>
        </span>
      ))}
    </p>
  );
}
