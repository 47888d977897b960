// Enters: what runs on a node, who watches there, what the others carry. Leaves: what would become of it if the node
// died now. Not its job: doing any of it (streams/stream-keeper.ts places by the same rules).
import type { NodeId, Rehearsal, RehearsedViews } from '@vedette/contracts';
import type { StreamRecord, ViewRecord } from '../state/shared-state.ts';
import type { StreamableCamera } from '../streams/camera-catalog.ts';
import { type OpenNode, rankNodes } from './placement.ts';

export interface Survivor extends OpenNode {
  readonly streams: number;
  readonly webrtc: { readonly views: number; readonly max: number };
  readonly hls: { readonly views: number; readonly max: number };
}

export interface StreamAtRisk {
  readonly stream: Pick<StreamRecord, 'path' | 'cameraId' | 'profile' | 'alwaysOn'>;
  readonly camera: Pick<StreamableCamera, 'id' | 'siteId' | 'name' | 'tier'>;
  readonly views: readonly Pick<ViewRecord, 'protocol'>[];
  /** Of its source; null where it is not known. */
  readonly keyFrameIntervalMs: number | null;
}

/** A node that falls silent is given up after its lease; a dead one sooner. */
const NOTICE_MS = 3000;
/** To dial, to be answered, for players to ask again. */
const START_MS = 1000;

interface Room {
  streams: number;
  webrtc: number;
  hls: number;
}

/** Streams of important cameras are placed first, as starts of their viewers would come. */
export function rehearseLoss(
  node: NodeId,
  atRisk: readonly StreamAtRisk[],
  survivors: readonly Survivor[],
): Rehearsal {
  const rooms = new Map<NodeId, Room>(
    survivors.map(({ hls, id, streams, webrtc }) => [
      id,
      { streams, webrtc: webrtc.max - webrtc.views, hls: hls.max - hls.views },
    ]),
  );
  const homes = new Map<string, NodeId>();
  const streams: Rehearsal['streams'] = [];
  for (const risk of atRisk.toSorted((a, b) => a.camera.tier - b.camera.tier)) {
    const { camera, stream } = risk;
    const loads = new Map([...rooms].map(([id, room]) => [id, room.streams]));
    const home = homes.get(camera.id);
    const own = home === undefined ? [] : [{ nodeId: home }];
    const ranking = rankNodes(camera, { nodes: survivors, loads, own });
    const to = ranking.find((id) => (rooms.get(id)?.webrtc ?? 0) > 0) ?? ranking[0] ?? null;
    const room = to === null ? undefined : rooms.get(to);
    const views = seat(risk.views, room);
    if (to !== null && room !== undefined) {
      homes.set(camera.id, to);
      room.streams += 1;
    }
    const { cameraId, path, profile } = stream;
    streams.push({ path, cameraId, cameraName: camera.name, profile, to, views, why: sentence(to, views) });
  }
  const moved = atRisk.filter(({ stream }) =>
    streams.some(({ path, to }) => path === stream.path && to !== null),
  );
  const slowest = Math.max(0, ...moved.map(({ keyFrameIntervalMs }) => keyFrameIntervalMs ?? 0));
  return {
    node,
    streams,
    views: streams.reduce(
      (sum, { views }) => ({
        move: sum.move + views.move,
        degrade: sum.degrade + views.degrade,
        fail: sum.fail + views.fail,
      }),
      { move: 0, degrade: 0, fail: 0 },
    ),
    nodes: survivors
      .map(({ id, streams: now, webrtc }) => ({
        id,
        streams: { now, after: rooms.get(id)?.streams ?? now },
        webrtcViews: { now: webrtc.views, after: webrtc.max - (rooms.get(id)?.webrtc ?? 0), max: webrtc.max },
      }))
      .filter(({ streams: { now, after } }) => after > now),
    withinSeconds: moved.length === 0 ? null : (NOTICE_MS + START_MS + slowest) / 1000,
  };
}

/** Takes places in the room, and tells who found which. */
function seat(views: StreamAtRisk['views'], room: Room | undefined): RehearsedViews {
  const found = { move: 0, degrade: 0, fail: 0 };
  for (const { protocol } of views) {
    const wants = protocol === 'hls' ? 'hls' : 'webrtc';
    if (room !== undefined && room[wants] > 0) {
      room[wants] -= 1;
      found.move += 1;
    } else if (room !== undefined && room.hls > 0) {
      room.hls -= 1;
      found.degrade += 1;
    } else found.fail += 1;
  }
  return found;
}

function sentence(to: NodeId | null, { degrade, fail, move }: RehearsedViews): string {
  if (to === null) return 'No other node may pull this camera.';
  if (move + degrade + fail === 0) return `Would run on ${to}; nobody watches it now.`;
  if (fail > 0) return `Would run on ${to}, which has no room for ${fail} of its viewers.`;
  if (degrade > 0)
    return `Would run on ${to}; ${degrade} of its viewers would get HLS, as WebRTC is full there.`;
  return `Would run on ${to}.`;
}
