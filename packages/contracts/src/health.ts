import { z } from 'zod';
import { CameraState } from './camera.ts';
import { ReasonCode } from './reason-code.ts';

/** What a camera has been, one entry a change that lasted. `unstable`: it came and went too often to tell each time. */
export const HistoryState = z.enum(['online', 'offline', 'unstable']);
export type HistoryState = z.infer<typeof HistoryState>;

export const HistoryEntry = z.object({ at: z.iso.datetime(), state: HistoryState, reason: ReasonCode });
export type HistoryEntry = z.infer<typeof HistoryEntry>;

/** GET /api/v1/cameras/{id}/history. */
export const CameraHistory = z.object({
  /** As it is now. */
  state: CameraState,
  reason: ReasonCode,
  /** When the health checker last asked it; null when it never did. */
  checkedAt: z.iso.datetime().nullable(),
  /** Share of the time in which it was there, 0 to 1; null while too little is known. */
  uptime: z.object({ lastDay: z.number().nullable(), lastWeek: z.number().nullable() }),
  /** Newest first. */
  entries: z.array(HistoryEntry),
});
export type CameraHistory = z.infer<typeof CameraHistory>;
