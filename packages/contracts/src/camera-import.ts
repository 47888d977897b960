import { z } from 'zod';
import { CameraId } from './ids.ts';

export const ImportFormat = z.enum(['csv', 'json', 'yaml']);
export type ImportFormat = z.infer<typeof ImportFormat>;

/** POST /api/v1/cameras/import. Without `dryRun: false` nothing is changed, only told. */
export const CameraImportRequest = z.strictObject({
  format: ImportFormat,
  text: z.string().max(240_000),
  dryRun: z.boolean().default(true),
});
export type CameraImportRequest = z.infer<typeof CameraImportRequest>;

/** What became, or would become, of one row. */
export const ImportedRow = z.object({
  /** 1 is the first camera. */
  row: z.int(),
  name: z.string().nullable(),
  action: z.enum(['create', 'update', 'same', 'error']),
  /** Of the camera that is there already, or was made. */
  id: CameraId.nullable(),
  problems: z.array(z.object({ field: z.string(), message: z.string() })),
});
export type ImportedRow = z.infer<typeof ImportedRow>;

export const CameraImportAnswer = z.object({ dryRun: z.boolean(), rows: z.array(ImportedRow) });
export type CameraImportAnswer = z.infer<typeof CameraImportAnswer>;
