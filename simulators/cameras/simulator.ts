// In: settings. Out: a simulator: cameras that play, the control API, WS-Discovery. Creates all of it, closes all of it.
import { randomUUID } from 'node:crypto';
import { type Clock, type Log, newSecret, silentLog, systemClock } from '@vedette/runtime';
import type { z } from 'zod';
import { startControlApi } from './control/control-api.ts';
import { WsDiscovery } from './onvif/ws-discovery.ts';
import { loadScenes } from './scenes.ts';
import { SimulatedCamera } from './simulated-camera.ts';
import { SimulatorSettings } from './simulator-options.ts';
import { FrameWheel } from './stream/frame-wheel.ts';

export type SimulatorOptions = z.input<typeof SimulatorSettings> & {
  readonly clock?: Clock;
  readonly log?: Log;
};

export interface Simulator extends AsyncDisposable {
  /** Base URL of the control API, without a slash at the end. */
  readonly controlUrl: string;
  readonly username: string;
  readonly password: string;
  /** Whether WS-Discovery probes are answered: false when switched off, or without multicast. */
  readonly discovering: boolean;
  readonly cameras: readonly SimulatedCamera[];
  /** Closes every connection and port. May be called again. */
  close(): Promise<void>;
}

const SWEEP_MS = 1000;

/** Starts the cameras and resolves once all of them accept connections. Throws when settings are wrong or a port is taken. */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const { clock = systemClock, log = silentLog(), ...input } = options;
  const settings = SimulatorSettings.parse(input);
  const password = settings.password ?? newSecret();
  const scenes = await loadScenes(settings.cameras, settings);
  const wheel = new FrameWheel({ clock });
  const seed = settings.basePort === 0 ? randomUUID() : String(settings.basePort);
  const cameras = Array.from({ length: settings.cameras }, (_, i) => {
    const scene = scenes[i % scenes.length];
    if (scene === undefined) throw new Error('there is no scene');
    return new SimulatedCamera({ index: i + 1, scene, settings, password, seed, clock, wheel, log });
  });
  await using opened = new AsyncDisposableStack();
  opened.defer(() => wheel.close());
  opened.defer(async () => {
    await Promise.all(cameras.map((camera) => camera.close()));
  });
  await Promise.all(cameras.map((camera) => camera.open()));
  const sweepMs = Math.min(SWEEP_MS, settings.sessionTimeoutMs / 4);
  const sweeper = setInterval(() => {
    for (const camera of cameras) camera.sweep();
  }, sweepMs);
  opened.defer(() => clearInterval(sweeper));
  let discovering = false;
  if (settings.discovery) {
    const discoverable = () => cameras.flatMap((camera) => camera.discoverable ?? []);
    const discovery = new WsDiscovery({ bind: settings.bind, cameras: discoverable, log });
    opened.defer(() => discovery.close());
    discovering = await discovery.open();
  }
  const control = await startControlApi({ cameras, settings, log });
  opened.defer(() => control.close());
  const resources = opened.move();
  const close = () => resources.disposeAsync();
  return {
    controlUrl: control.url,
    username: settings.username,
    password,
    discovering,
    cameras,
    close,
    [Symbol.asyncDispose]: close,
  };
}
