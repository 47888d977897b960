import type { Dispatch } from 'react';
import { useShortcuts } from '../../shell/shortcuts.ts';
import type { WallSignals } from './wall-signals.ts';
import type { Direction, Layout, WallAction, WallState } from './wall-state.ts';

export interface WallKeys {
  readonly state: WallState;
  readonly dispatch: Dispatch<WallAction>;
  readonly signals: WallSignals;
  readonly onFill: () => void;
  readonly onFigures: () => void;
  readonly onFullScreen: () => void;
  readonly onList: () => void;
  readonly onSearch: () => void;
}

/** The wall by keyboard; shortcuts-dialog.tsx is the list for people. */
export function useWallKeys(keys: WallKeys): void {
  const { state, dispatch, signals } = keys;
  const layout = (to: Layout) => () => dispatch({ type: 'layout', layout: to });
  const step = (direction: Direction) => () => dispatch({ type: 'step', direction });
  const carry = (direction: Direction) => () => dispatch({ type: 'carry', direction });
  const clear = () => dispatch({ type: 'clear', slot: state.selected });
  const toggleLarge = () => dispatch({ type: state.focused ? 'unfocus' : 'focus' });
  const leaveLarge = () => dispatch({ type: 'unfocus' });
  useShortcuts({
    '1': layout(1),
    '2': layout(4),
    '3': layout(9),
    '4': layout(16),
    ArrowLeft: step('left'),
    ArrowRight: step('right'),
    ArrowUp: step('up'),
    ArrowDown: step('down'),
    'Shift+ArrowLeft': carry('left'),
    'Shift+ArrowRight': carry('right'),
    'Shift+ArrowUp': carry('up'),
    'Shift+ArrowDown': carry('down'),
    Enter: toggleLarge,
    Escape: leaveLarge,
    Delete: clear,
    Backspace: clear,
    w: () => signals.command('why'),
    r: () => signals.command('retry'),
    m: () => signals.command('sound'),
    i: keys.onFigures,
    a: keys.onFill,
    f: keys.onFullScreen,
    c: keys.onList,
    '/': keys.onSearch,
  });
}
