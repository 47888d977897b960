// One <vedette-player> for one camera. In: camera, wishes, live events. Out: its status, figures and decision as
// React state. The element itself is made here and never drawn by React, so that no redraw touches a picture.
import type { CameraId, DecisionStep, ProfileName } from '@vedette/contracts';
import {
  defineVedettePlayer,
  type PlayerStats,
  type PlayerStatus,
  type SoundState,
  type VedettePlayerElement,
} from '@vedette/player';
import { type RefObject, useEffect, useLayoutEffect, useRef, useState } from 'react';
import { useServices } from '../../../api/services.ts';

export interface CameraPlayer {
  readonly status: PlayerStatus;
  /** Of the last second, while they are asked for and a picture is on screen. */
  readonly stats: PlayerStats | null;
  readonly decision: readonly DecisionStep[];
  readonly sound: SoundState;
  /** Milliseconds since the last new picture, at this moment. */
  readonly pictureAgeMs: () => number | null;
  readonly playAgain: () => void;
  /** Starts again with a case number or reason. */
  readonly playFor: (reason: string) => void;
}

export interface CameraPlayerOptions {
  readonly host: RefObject<HTMLElement | null>;
  readonly cameraId: CameraId;
  readonly profile: ProfileName | null;
  /** On the wall now. */
  readonly tiles: number;
  /** Not muted. */
  readonly heard: boolean;
  /** Case number or reason that is told with a start. */
  readonly reason: string | null;
  /** Whether figures are shown, which are worth a measurement a second only then. */
  readonly measured: boolean;
}

const BEFORE_FIRST: PlayerStatus = {
  state: 'connecting',
  reason: 'connecting',
  sentence: 'Connecting to the camera.',
  protocol: null,
  profile: null,
  soundOnly: false,
  detour: null,
  pictureAgeMs: null,
  sessionId: null,
  failedAttempts: 0,
};

const NO_SOUND: SoundState = { available: false, muted: true, volume: 1, refused: false };

export function useCameraPlayer(options: CameraPlayerOptions): CameraPlayer {
  const { host, cameraId, profile, tiles, heard, measured } = options;
  const reason = useRef(options.reason);
  const { events, states, player: environment } = useServices();
  const element = useRef<VedettePlayerElement | null>(null);
  const [status, setStatus] = useState(BEFORE_FIRST);
  const [stats, setStats] = useState<PlayerStats | null>(null);
  const [sound, setSound] = useState(NO_SOUND);
  const [decision, setDecision] = useState<readonly DecisionStep[]>([]);

  useLayoutEffect(() => {
    defineVedettePlayer({ environment });
    const player = document.createElement('vedette-player') as VedettePlayerElement;
    player.overlay = 'none';
    player.dashboard = 'wall';
    player.reason = reason.current;
    player.camera = cameraId;
    player.style.setProperty('--vedette-font', 'var(--font-sans)');
    player.className = 'absolute inset-0 block size-full';
    const health = states.get(cameraId);
    if (health !== undefined) player.externalState = health;
    player.addEventListener('statechange', (event) => {
      setStatus(event.detail);
      if (event.detail.state !== 'live') setStats(null);
    });
    player.addEventListener('soundchange', (event) => setSound(event.detail));
    setSound(player.sound);
    player.addEventListener('stats', (event) => setStats(event.detail));
    player.addEventListener('decision', (event) => setDecision(event.detail.steps));
    const stopListening = events.onEvent((event) => player.handleServerEvent(event));
    element.current = player;
    host.current?.append(player);
    return () => {
      stopListening();
      player.stop();
      player.remove();
      element.current = null;
    };
  }, [cameraId, environment, events, states, host]);

  useLayoutEffect(() => {
    if (element.current !== null) element.current.muted = !heard;
  }, [heard]);

  // After the layout has taken effect: policy chooses by the size that the tile has now.
  useEffect(() => {
    const player = element.current;
    if (player === null) return;
    player.tiles = tiles;
    player.profile = profile;
    player.play();
  }, [profile, tiles]);

  useEffect(() => {
    if (element.current === null) return;
    element.current.statsIntervalMs = measured ? 1000 : 0;
    if (!measured) setStats(null);
  }, [measured]);

  return {
    status,
    stats,
    sound,
    decision,
    pictureAgeMs: () => element.current?.status.pictureAgeMs ?? null,
    playAgain: () => element.current?.play(),
    playFor: (given) => {
      reason.current = given;
      if (element.current === null) return;
      element.current.reason = given;
      element.current.play();
    },
  };
}
