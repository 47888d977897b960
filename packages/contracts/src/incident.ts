import { z } from 'zod';
import { CameraId } from './ids.ts';

/** POST /api/v1/incidents: cameras that matter more than anything else for a while. */
export const IncidentInput = z.strictObject({
  name: z.string().trim().min(1).max(120),
  cameraIds: z.array(CameraId).min(1).max(200),
  /** It ends by itself. */
  minutes: z
    .int()
    .min(1)
    .max(24 * 60)
    .default(60),
});
export type IncidentInput = z.infer<typeof IncidentInput>;

export const IncidentView = z.object({
  id: z.string(),
  name: z.string(),
  cameraIds: z.array(CameraId),
  begunBy: z.string(),
  begunAt: z.iso.datetime(),
  endsAt: z.iso.datetime(),
  /** When somebody ended it before its time. */
  endedAt: z.iso.datetime().nullable(),
});
export type IncidentView = z.infer<typeof IncidentView>;

/** POST /api/v1/alarms: cameras that somebody will want to see in a moment are pulled before anyone asks. */
export const AlarmInput = z.strictObject({
  cameraIds: z.array(CameraId).min(1).max(50),
  seconds: z.int().min(5).max(600).default(60),
});
export type AlarmInput = z.infer<typeof AlarmInput>;

/** What became of each camera. */
export const AlarmAnswer = z.object({
  cameras: z.array(
    z.object({
      id: CameraId,
      /** `warm`: it runs, or begins to; `no-room`: its device or line bears no more; `unknown`: not yours, or not there. */
      result: z.enum(['warm', 'no-room', 'unknown']),
    }),
  ),
});
export type AlarmAnswer = z.infer<typeof AlarmAnswer>;
