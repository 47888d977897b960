import type { CameraState, ReasonCode } from '@vedette/contracts';
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

/** Nothing that anybody has to see to, whatever state it is filed under. */
const CALM: Partial<Record<ReasonCode, StateWords>> = {
  waiting_for_publisher: { word: 'Waiting', tone: 'none', shape: 'ring' },
  ffmpeg_queued: { word: 'Waiting', tone: 'none', shape: 'ring' },
  source_ended: { word: 'Ended', tone: 'none', shape: 'barred' },
};

/** A camera's state as it reads in lists. */
export function cameraStateWords(state: CameraState, reason: ReasonCode): StateWords {
  const isCalm = state !== 'live' && state !== 'idle' && state !== 'not_configured';
  return (isCalm ? CALM[reason] : undefined) ?? WORDS[state];
}
