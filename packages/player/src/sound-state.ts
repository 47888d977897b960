/** Of the sound of a player; `soundchange` carries it whenever a field changed. */
export interface SoundState {
  /** What is on screen has sound, or control says that the camera has. */
  readonly available: boolean;
  readonly muted: boolean;
  /** 0 to 1. */
  readonly volume: number;
  /** The browser kept it muted: it wants a click or a key on the page first. */
  readonly refused: boolean;
}
