import type { ProfileName } from './rtsp/stream-path.ts';

/** What one profile was asked for and sent since the simulator started; times in ms since the Unix epoch. */
export interface ProfileCounts {
  describe: number;
  setup: number;
  play: number;
  teardown: number;
  /** Sessions that ended without TEARDOWN: connection closed, timed out, dropped. */
  ended: number;
  playing: number;
  maxPlaying: number;
  lastTeardownAtMs: number | null;
  /** When the last session that played ended, in whichever way; null while none ever did. */
  lastStoppedAtMs: number | null;
  pictures: number;
  bytes: number;
}

export interface CameraCounts {
  /** RTSP connections open now, and ever. */
  connectionsOpen: number;
  connectionsTotal: number;
  /** The most at one moment. */
  connectionsMost: number;
  /** RTSP requests in a session that only keep it alive: OPTIONS, GET_PARAMETER, SET_PARAMETER. */
  keepAlives: number;
  /** RTSP and ONVIF requests whose credentials were wrong; a request without any only gets the challenge. */
  credentialsRefused: number;
  sessionsTimedOut: number;
  slowClientsDropped: number;
  onvifRequests: number;
  synchronizationPoints: number;
  lastTeardownAtMs: number | null;
  profiles: Record<ProfileName, ProfileCounts>;
}

export function newCameraCounts(): CameraCounts {
  return {
    connectionsOpen: 0,
    connectionsTotal: 0,
    connectionsMost: 0,
    keepAlives: 0,
    credentialsRefused: 0,
    sessionsTimedOut: 0,
    slowClientsDropped: 0,
    onvifRequests: 0,
    synchronizationPoints: 0,
    lastTeardownAtMs: null,
    profiles: { main: newProfileCounts(), sub: newProfileCounts() },
  };
}

function newProfileCounts(): ProfileCounts {
  return {
    describe: 0,
    setup: 0,
    play: 0,
    teardown: 0,
    ended: 0,
    playing: 0,
    maxPlaying: 0,
    lastTeardownAtMs: null,
    lastStoppedAtMs: null,
    pictures: 0,
    bytes: 0,
  };
}
