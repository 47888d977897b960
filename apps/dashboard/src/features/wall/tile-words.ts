import type { ReasonCode } from '@vedette/contracts';
import type { PlayerState } from '@vedette/player';
import type { StateWords } from '../../ui/camera-state-words.ts';

const WORDS: Readonly<Record<PlayerState, StateWords>> = {
  idle: { word: 'Stopped', tone: 'none', shape: 'ring' },
  connecting: { word: 'Connecting', tone: 'busy', shape: 'turning' },
  waiting: { word: 'Waiting', tone: 'none', shape: 'ring' },
  live: { word: 'Live', tone: 'good', shape: 'dot' },
  reconnecting: { word: 'Reconnecting', tone: 'warn', shape: 'turning' },
  offline: { word: 'Offline', tone: 'bad', shape: 'cross' },
  not_configured: { word: 'Not configured', tone: 'warn', shape: 'dashed' },
  at_capacity: { word: 'At capacity', tone: 'warn', shape: 'triangle' },
  forbidden: { word: 'Not allowed', tone: 'bad', shape: 'barred' },
  ended: { word: 'Ended', tone: 'none', shape: 'barred' },
};

/** A tile's state as it reads on the wall; some reasons have a word of their own. */
export function tileWords(state: PlayerState, reason?: ReasonCode): StateWords {
  if (reason === 'reason_required') return { word: 'Reason needed', tone: 'warn', shape: 'triangle' };
  return WORDS[state];
}

/** One tile as a screen reader says it: place, camera, state, and the reason while there is no live picture. */
export function tileLabel(tile: {
  readonly slot: number;
  readonly name: string | undefined;
  readonly state: PlayerState;
  readonly sentence: string;
  readonly heard?: boolean;
}): string {
  const place = `Tile ${tile.slot + 1}`;
  if (tile.name === undefined) return `${place}, empty`;
  const state = tileWords(tile.state).word.toLowerCase();
  return tile.state === 'live'
    ? `${place}, ${tile.name}, ${state}${tile.heard === true ? ', sound on' : ''}`
    : `${place}, ${tile.name}, ${state}. ${tile.sentence}`;
}

/** The wall in one line, what needs a person first: `1 offline · 2 connecting · 6 live`. */
export function wallSummary(
  states: readonly PlayerState[],
): readonly { readonly words: StateWords; readonly count: number }[] {
  const order: readonly PlayerState[] = [
    'offline',
    'forbidden',
    'at_capacity',
    'not_configured',
    'ended',
    'reconnecting',
    'connecting',
    'waiting',
    'idle',
    'live',
  ];
  return order.flatMap((state) => {
    const count = states.filter((one) => one === state).length;
    return count === 0 ? [] : [{ words: tileWords(state), count }];
  });
}
