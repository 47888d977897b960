import type { CameraState } from '@vedette/contracts';
import type { MarkShape, Tone } from './state-mark.tsx';

export interface StateWords {
  readonly word: string;
  readonly tone: Tone;
  readonly shape: MarkShape;
}

const WORDS: Readonly<Record<CameraState, StateWords>> = {
  idle: { word: 'Idle', tone: 'none', shape: 'ring' },
  connecting: { word: 'Connecting', tone: 'busy', shape: 'turning' },
  live: { word: 'Live', tone: 'good', shape: 'dot' },
  reconnecting: { word: 'Reconnecting', tone: 'warn', shape: 'turning' },
  offline: { word: 'Offline', tone: 'bad', shape: 'cross' },
  not_configured: { word: 'Not configured', tone: 'warn', shape: 'dashed' },
};

/** A camera's state as it reads in lists. */
export function cameraStateWords(state: CameraState): StateWords {
  return WORDS[state];
}
