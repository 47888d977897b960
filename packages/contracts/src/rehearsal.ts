import { z } from 'zod';
import { CameraId, NodeId, ProfileName, StreamPath } from './ids.ts';

/** How many views go on as they are elsewhere, by HLS instead of WebRTC, or not at all. */
export const RehearsedViews = z.object({ move: z.int(), degrade: z.int(), fail: z.int() });
export type RehearsedViews = z.infer<typeof RehearsedViews>;

/** GET /api/v1/nodes/{id}/rehearsal: what would become of everything on a node that died now. */
export const Rehearsal = z.object({
  node: NodeId,
  streams: z.array(
    z.object({
      path: StreamPath,
      cameraId: CameraId,
      cameraName: z.string(),
      profile: ProfileName,
      /** Where it would run; null where no node takes it. */
      to: NodeId.nullable(),
      views: RehearsedViews,
      /** One sentence for a person. */
      why: z.string(),
    }),
  ),
  views: RehearsedViews,
  /** Those that would take something over. */
  nodes: z.array(
    z.object({
      id: NodeId,
      streams: z.object({ now: z.int(), after: z.int() }),
      webrtcViews: z.object({ now: z.int(), after: z.int(), max: z.int() }),
    }),
  ),
  /** Seconds until pictures are back, at most: to notice, to pull, to the next key frame. Null where nothing moves. */
  withinSeconds: z.number().nullable(),
});
export type Rehearsal = z.infer<typeof Rehearsal>;
