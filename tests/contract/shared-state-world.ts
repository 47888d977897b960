// What random steps of shared state are about: few cameras, nodes and people, and what a run has seen of them.
import {
  CameraId,
  NodeId,
  type NodeSession,
  type ProfileName,
  type Protocol,
  SessionId,
  StreamPath,
  UserId,
} from '@vedette/contracts';
import fc from 'fast-check';
import type { Counter, SharedState, StreamToRun } from '../../apps/control-plane/src/state/shared-state.ts';

export const START_MS = Date.UTC(2026, 0, 1);
export const NODES = ['n1', 'n2', 'n3'].map((name) => NodeId.parse(name));
export const USERS = ['alice', 'bob'].map((name) => UserId.parse(name));
export const CAMERAS = ['a', 'b', 'c'].map((name) => CameraId.parse(name));
export const PROFILES = ['main', 'sub', 'lite'] as const;
export const PROTOCOLS = ['webrtc', 'hls', 'rtsp'] as const;

/** What a run has seen so far; equal for all that run the same steps. */
export class World {
  nowMs = START_MS;
  seq = 10;
  readonly sessions: Pick<NodeSession, 'sessionId' | 'userId' | 'cameraId' | 'path' | 'profile'>[] = [];
  readonly said = new Map<NodeId, readonly NodeSession[]>();
}

export interface Step {
  readonly what: string;
  /** Answers whatever the state answers. */
  run(state: SharedState, world: World): Promise<unknown>;
  /** Once all have run it. */
  after?(world: World): void;
}

export const camera = fc.constantFrom(...CAMERAS);
export const profile = fc.constantFrom(...PROFILES);
export const protocol = fc.constantFrom<Protocol>(...PROTOCOLS);
export const user = fc.constantFrom(...USERS);
export const node = fc.constantFrom(...NODES);
export const few = fc.integer({ min: 0, max: 3 });
export const seldom = fc.integer({ min: 0, max: 5 }).map((number) => number === 0);
export const often = seldom.map((is) => !is);
export const pick = fc.nat({ max: 30 });

export function pathOf(camera: CameraId, profile: ProfileName): StreamPath {
  return StreamPath.parse(profile === 'main' ? `cam_${camera}` : `cam_${camera}_${profile}`);
}

/** Of those that there were, or one that will be. */
export function sessionAt(world: World, index: number): SessionId {
  return SessionId.parse(`s${index % (world.sessions.length + 1)}`);
}

export function streamOf(
  camera: CameraId,
  profile: ProfileName,
  ttlMs: number,
  alwaysOn = false,
): StreamToRun {
  const budgets = profile === 'lite' ? [] : [`device ${camera}`, 'site'];
  return { path: pathOf(camera, profile), cameraId: camera, profile, ttlMs, alwaysOn, budgets };
}

export function budgetsOf(camera: CameraId, max: number): readonly Counter[] {
  return [
    { key: `device ${camera}`, max, limit: 'device' },
    { key: 'site', max: max + 1, limit: 'site' },
  ];
}

export function sessionOf(
  of: Pick<NodeSession, 'sessionId' | 'userId' | 'cameraId' | 'path' | 'profile'>,
  over: Protocol,
): NodeSession {
  const { cameraId, path, profile: shown, sessionId, userId } = of;
  return {
    sessionId,
    userId,
    cameraId,
    path,
    profile: shown,
    protocol: over,
    connectedAt: START_MS,
    clientAddress: '127.0.0.1',
    bytesSent: 0,
    framesSent: 0,
    framesDropped: 0,
    packetsLost: 0,
    rttMs: null,
  };
}

/** All that can be asked of a state. */
export async function snapshot(state: SharedState, world: World): Promise<object> {
  const keys = [
    ...CAMERAS.flatMap((of) => PROTOCOLS.map((over) => `camera ${of} ${over}`)),
    ...NODES.flatMap((of) => PROTOCOLS.map((over) => `node ${of} ${over}`)),
    ...USERS.map((of) => `user ${of}`),
    'quota',
  ];
  return {
    views: await state.views({}),
    streams: await state.streams(),
    counts: await state.counts(keys),
    streamCounts: await state.streamCounts(),
    nodes: await Promise.all(NODES.map((of) => state.nodeState(of, world.nowMs))),
    known: await state.knownNodes(),
    ended: await Promise.all(world.sessions.slice(-5).map(({ sessionId }) => state.endedView(sessionId))),
  };
}
