import type { BrowserProtocol, CameraState, ProfileName, ReasonCode, SessionId } from '@vedette/contracts';

/**
 * What an operator is told, in one word. Only `live` means that new pictures keep arriving;
 * in every other state a picture still on screen is an old one and is dimmed.
 */
export type PlayerState =
  /** Not asked to play. */
  | 'idle'
  /** On the way to the first picture. */
  | 'connecting'
  | 'live'
  /** Nothing is wrong and nothing is there yet: an encoder has to connect first, or a place to become free. */
  | 'waiting'
  /** Had pictures, they stopped, and it is working on it. */
  | 'reconnecting'
  /** The camera itself cannot be reached; it keeps trying. */
  | 'offline'
  | 'not_configured'
  /** Refused for lack of room; it asks again by itself. */
  | 'at_capacity'
  /** Refused for lack of a right; it does not ask again until `play()`. */
  | 'forbidden'
  /**
   * Over: by an administrator, with the camera, or a file has been played to its end; in the first two it does not ask
   * again until `play()`.
   */
  | 'ended';

/** One consistent view of a player; `statechange` carries it whenever a field other than the age changed. */
export interface PlayerStatus {
  readonly state: PlayerState;
  readonly reason: ReasonCode;
  /** The reason as one plain sentence for a person. */
  readonly sentence: string;
  /** Of the picture on screen; null without one. */
  readonly protocol: BrowserProtocol | null;
  readonly profile: ProfileName | null;
  /** What is played has no picture, only sound; its age is that of the sound. */
  readonly soundOnly: boolean;
  /** Why WebRTC does not carry what is on screen; null where it does, or was never tried. */
  readonly detour: ReasonCode | null;
  /** Milliseconds since the last new picture; 0 to about 250 while live, null before the first. */
  readonly pictureAgeMs: number | null;
  /** The view that the picture, or else the attempt, belongs to. */
  readonly sessionId: SessionId | null;
  /** Failed attempts in a row; 0 while all is well. */
  readonly failedAttempts: number;
}

/** What control knows about the camera, handed in by the page (event `camera.state`); it explains a missing picture. */
export interface ExternalState {
  readonly state: CameraState;
  readonly reason: ReasonCode;
  /** Name of its audio codec; null without sound, absent where control does not say. */
  readonly audio?: string | null | undefined;
  /** What a radio station says that it plays. */
  readonly nowPlaying?: string | null | undefined;
}
