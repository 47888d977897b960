// What the tests of the simulated cameras share: a simulator to test, and the npm ONVIF client as promises.
import onvif from 'onvif';
import type { SimulatedCamera } from '../cameras/simulated-camera.ts';
import { type Simulator, type SimulatorOptions, startSimulator } from '../cameras/simulator.ts';
import { RawRtspClient } from './raw-rtsp-client.ts';

/** With characters that must be escaped in URLs. */
export const PASSWORD = 'p@ss word:1';

export function startTestSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  return startSimulator({ cameras: 1, basePort: 0, password: PASSWORD, discovery: false, ...options });
}

export function cameraOf(simulator: Simulator, index = 1): SimulatedCamera {
  const camera = simulator.cameras[index - 1];
  if (camera === undefined) throw new Error(`there is no camera ${index}`);
  return camera;
}

export function connectRtsp(
  camera: SimulatedCamera,
  profile: 'main' | 'sub' = 'main',
): Promise<RawRtspClient> {
  return RawRtspClient.connect(camera.rtspUrl(profile), camera);
}

export interface OnvifCam {
  readonly [method: string]: unknown;
}

/** Connects the npm client `onvif`, which knows callbacks only. */
export function connectOnvif(camera: SimulatedCamera, password = camera.password): Promise<OnvifCam> {
  return new Promise((resolve, reject) => {
    const options = {
      hostname: camera.onvif.host,
      port: camera.onvif.port,
      username: camera.username,
      password,
    };
    const cam = new onvif.Cam(options, (error: unknown) => {
      if (error instanceof Error) reject(error);
      else resolve(cam as unknown as OnvifCam);
    });
  });
}

export function callOnvif(cam: OnvifCam, method: string, ...input: unknown[]): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const target = cam[method] as (...all: unknown[]) => void;
    target.call(cam, ...input, (error: unknown, answer: unknown) =>
      error ? reject(error) : resolve(answer),
    );
  });
}
