import { CameraImportAnswer, CameraImportRequest, type ImportedRow, ImportFormat } from '@vedette/contracts';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { principalOf } from '../../access/principal.ts';
import type { CameraGate } from '../camera-gate.ts';
import type { CameraRecord } from '../camera-record.ts';
import type { CameraStatus } from '../camera-status.ts';
import type { CameraStore } from '../camera-store.ts';
import { viewOfCamera } from '../camera-view.ts';
import type { CameraImport } from './camera-import.ts';
import { readCameraRows, writeCameraRows } from './camera-rows.ts';

const config = { access: 'camera.write' } as const;
const tags = ['cameras'];
const PAGE = 500;
const TYPES = { csv: 'text/csv', json: 'application/json', yaml: 'application/yaml' } as const;

/** Many cameras in and out, under /api/v1. */
export function importRoutes(options: {
  readonly store: Pick<CameraStore, 'list'>;
  readonly imports: Pick<CameraImport, 'run'>;
  readonly gate: Pick<CameraGate, 'scope'>;
  readonly status: (camera: CameraRecord) => CameraStatus;
}): FastifyPluginAsyncZod {
  const { gate, imports, status, store } = options;
  return async (app) => {
    app.post(
      '/cameras/import',
      {
        config,
        schema: {
          tags,
          summary:
            'Add or change many cameras; without dryRun false it is only told what would become of each',
          body: CameraImportRequest,
          response: { 200: CameraImportAnswer },
        },
      },
      async (request) => {
        const { dryRun, format, text } = request.body;
        const rows = await imports.run(principalOf(request), readCameraRows(text, format), dryRun);
        if (!dryRun) {
          for (const { action, id, name } of rows) {
            if (id === null || (action !== 'create' && action !== 'update')) continue;
            const kind = action === 'create' ? 'camera-created' : 'camera-changed';
            request.audit({ kind, cameraId: id, data: { after: { name }, import: format } });
          }
          request.audit({ kind: 'cameras-imported', data: { format, ...countsOf(rows) } });
        }
        return { dryRun, rows };
      },
    );
    app.get(
      '/cameras/export',
      {
        config: { ...config, produces: Object.values(TYPES) },
        schema: {
          tags,
          summary: 'All cameras, in the form that an import takes, without passwords',
          querystring: z.strictObject({ format: ImportFormat.default('yaml') }),
        },
      },
      async (request, reply) => {
        const { format } = request.query;
        const scope = gate.scope(principalOf(request));
        const cameras = [];
        let after: { nameKey: string; id: string } | undefined;
        for (;;) {
          const page = await store.list({ scope, limit: PAGE, after });
          for (const { camera } of page)
            cameras.push(viewOfCamera(camera, status(camera), { withUsername: true }));
          const last = page.at(-1);
          if (last === undefined || page.length < PAGE) break;
          after = { nameKey: last.nameKey, id: last.camera.id };
        }
        request.audit({ kind: 'cameras-exported', data: { format, cameras: cameras.length } });
        return reply
          .type(`${TYPES[format]}; charset=utf-8`)
          .header('content-disposition', `attachment; filename="cameras.${format}"`)
          .send(writeCameraRows(cameras, format));
      },
    );
  };
}

function countsOf(rows: readonly ImportedRow[]): Record<ImportedRow['action'], number> {
  const counts = { create: 0, update: 0, same: 0, error: 0 };
  for (const { action } of rows) counts[action] += 1;
  return counts;
}
