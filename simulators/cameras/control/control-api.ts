// In: HTTP requests of tests, demos and people. Out: what the cameras are, count and show; faults passed on to them.
// It asks for no password: it listens on loopback unless told otherwise, and tells credentials only there.
import { createHttpServer, type Log, VedetteError } from '@vedette/runtime';
import { z } from 'zod';
import { Fault } from '../faults.ts';
import { PROFILES } from '../rtsp/stream-path.ts';
import type { SimulatedCamera } from '../simulated-camera.ts';
import type { SimulatorSettings } from '../simulator-options.ts';

export interface ControlApi {
  readonly url: string;
  close(): Promise<void>;
}

const LOCAL_HOST = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?$/i;

/** GET /cameras · GET /pulls?sinceMs= · GET /cameras/{n} · GET /cameras/{n}/timeline · POST /cameras/{n}/fault · GET /healthz. */
export async function startControlApi(options: {
  cameras: readonly SimulatedCamera[];
  settings: SimulatorSettings;
  log: Log;
}): Promise<ControlApi> {
  const { cameras, settings } = options;
  const host = settings.controlBind;
  const onLoopback = host === '::1' || host.startsWith('127.');
  const app = createHttpServer({ log: options.log, bodyLimit: 16 * 1024 });
  const Params = z.strictObject({ n: z.coerce.number().int().min(1).max(cameras.length) });

  const Since = z.strictObject({ sinceMs: z.coerce.number().default(0) });

  const cameraOf = (params: unknown): SimulatedCamera => {
    const camera = cameras[(Params.safeParse(params).data?.n ?? 0) - 1];
    if (camera === undefined) {
      throw new VedetteError('not_found', { detail: `There are cameras 1 to ${cameras.length}.` });
    }
    return camera;
  };
  const summary = (camera: SimulatedCamera) => ({
    index: camera.index,
    name: camera.name,
    fault: camera.currentFault,
    onvif: camera.onvif,
    rtsp: Object.fromEntries(PROFILES.map((profile) => [profile, camera.rtspUrl(profile)])),
    credentialsNeeded: true,
    ...(settings.exposeCredentials && onLoopback
      ? { username: camera.username, password: camera.password }
      : {}),
    counts: camera.counts(),
  });

  // A page in a browser must not reach us by a name of its own that resolves to loopback.
  app.addHook('onRequest', async (request) => {
    if (onLoopback && !LOCAL_HOST.test(request.headers.host ?? '')) {
      throw new VedetteError('forbidden', { detail: 'The control API answers to localhost only.' });
    }
  });
  app.get('/healthz', async () => ({ ready: true }));
  app.get('/cameras', async () => ({ items: cameras.map(summary) }));
  app.get('/pulls', async (request) => {
    const sinceMs = Since.safeParse(request.query).data?.sinceMs ?? 0;
    return {
      items: cameras.flatMap((camera) =>
        camera.pulls(sinceMs).map((pull) => ({ camera: camera.index, ...pull })),
      ),
    };
  });
  app.get('/cameras/:n', async (request) => summary(cameraOf(request.params)));
  app.get('/cameras/:n/timeline', async (request) => {
    const camera = cameraOf(request.params);
    return Object.fromEntries(PROFILES.map((profile) => [profile, camera.timeline(profile)]));
  });
  app.post('/cameras/:n/fault', async (request) => {
    const camera = cameraOf(request.params);
    const fault = Fault.safeParse(request.body);
    if (!fault.success) {
      throw new VedetteError('invalid_request', {
        detail: 'This is no fault that a camera knows.',
        fields: fault.error.issues.map((issue) => ({ path: issue.path.join('.'), message: issue.message })),
      });
    }
    await camera.fault(fault.data);
    return { fault: camera.currentFault };
  });

  const url = await app.listen({ host, port: settings.basePort });
  return { url, close: () => app.close() };
}
