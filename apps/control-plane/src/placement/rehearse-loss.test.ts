import { CameraId, NodeId, type Protocol, StreamPath } from '@vedette/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rehearseLoss, type StreamAtRisk, type Survivor } from './rehearse-loss.ts';

const DEAD = NodeId.parse('dead');

function survivor(id: string, room: { webrtc?: number; hls?: number; site?: string } = {}): Survivor {
  const { hls = 100, site, webrtc = 100 } = room;
  return {
    id: NodeId.parse(id),
    weight: 100,
    labels: site === undefined ? {} : { site },
    streams: 0,
    webrtc: { views: 0, max: webrtc },
    hls: { views: 0, max: hls },
  };
}

function risk(id: string, protocols: readonly Protocol[], change: Partial<StreamAtRisk['camera']> = {}) {
  const camera = { id: CameraId.parse(id), siteId: null, name: `Camera ${id}`, tier: 5, ...change };
  return {
    stream: { path: StreamPath.parse(`cam_${id}`), cameraId: camera.id, profile: 'main', alwaysOn: false },
    camera,
    views: protocols.map((protocol) => ({ protocol })),
    keyFrameIntervalMs: 2000,
  } as const satisfies StreamAtRisk;
}

describe('what would become of a node that died now', () => {
  it('is that its views move, while there is room', () => {
    const told = rehearseLoss(DEAD, [risk('c1', ['webrtc', 'hls']), risk('c2', [])], [survivor('n1')]);
    expect(told.views).toEqual({ move: 2, degrade: 0, fail: 0 });
    expect(told.streams.map(({ to }) => to)).toEqual(['n1', 'n1']);
    expect(told.nodes).toEqual([
      { id: 'n1', streams: { now: 0, after: 2 }, webrtcViews: { now: 0, after: 1, max: 100 } },
    ]);
    expect(told.withinSeconds).toBe(6);
  });

  it('is that some get HLS, and some nothing, the least important cameras last', () => {
    const told = rehearseLoss(
      DEAD,
      [risk('low', ['webrtc', 'webrtc'], { tier: 9 }), risk('high', ['webrtc', 'webrtc'], { tier: 1 })],
      [survivor('n1', { webrtc: 2, hls: 1 })],
    );
    expect(told.streams).toMatchObject([
      { cameraId: 'high', views: { move: 2, degrade: 0, fail: 0 } },
      { cameraId: 'low', views: { move: 0, degrade: 1, fail: 1 } },
    ]);
  });

  it('is nothing good where no other node may pull the camera', () => {
    const told = rehearseLoss(DEAD, [risk('c1', ['webrtc'])], [survivor('n1', { site: 'elsewhere' })]);
    expect(told.streams).toMatchObject([{ to: null, views: { fail: 1 } }]);
    expect(told.withinSeconds).toBeNull();
  });

  it('never seats more than there is room, and forgets nobody', () => {
    const aRisk = fc.tuple(
      fc.stringMatching(/^[a-z]{1,6}$/),
      fc.array(fc.constantFrom<Protocol>('webrtc', 'hls')),
    );
    const room = fc.record({ webrtc: fc.nat(5), hls: fc.nat(5) });
    fc.assert(
      fc.property(
        fc.uniqueArray(aRisk, { selector: ([id]) => id, maxLength: 8 }),
        fc.array(room, { maxLength: 4 }),
        (risks, rooms) => {
          const atRisk = risks.map(([id, protocols]) => risk(id, protocols));
          const told = rehearseLoss(
            DEAD,
            atRisk,
            rooms.map((each, i) => survivor(`n${i}`, each)),
          );
          const { degrade, fail, move } = told.views;
          expect(move + degrade + fail).toBe(atRisk.flatMap(({ views }) => views).length);
          expect(told.streams).toHaveLength(atRisk.length);
          for (const { webrtcViews } of told.nodes)
            expect(webrtcViews.after).toBeLessThanOrEqual(webrtcViews.max);
          expect(move + degrade).toBeLessThanOrEqual(
            rooms.reduce((sum, { hls, webrtc }) => sum + hls + webrtc, 0),
          );
        },
      ),
    );
  });
});
