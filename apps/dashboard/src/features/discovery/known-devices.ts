import type { Camera, CameraId, FoundDevice } from '@vedette/contracts';
import { deviceKey } from './found-words.ts';

/**
 * Devices with the cameras that they are, as of now. Control matches by host and as of the beginning of a search:
 * cameras come and go meanwhile, and an ONVIF camera at another port of the same host is another device.
 */
export function withKnownCameras(
  devices: readonly FoundDevice[],
  cameras: ReadonlyMap<CameraId, Camera> | undefined,
): readonly FoundDevice[] {
  if (cameras === undefined) return devices;
  const byPlace = new Map<string, CameraId[]>();
  for (const { id, source } of cameras.values()) {
    if (source.kind !== 'onvif') continue;
    const place = deviceKey(source).toLowerCase();
    byPlace.set(place, [...(byPlace.get(place) ?? []), id]);
  }
  return devices.map((device) => {
    const atPlace = byPlace.get(deviceKey(device).toLowerCase()) ?? [];
    const atHost = device.known.filter((id) => {
      const source = cameras.get(id)?.source;
      if (source === undefined) return false;
      return source.kind !== 'onvif' || source.host.toLowerCase() !== device.host.toLowerCase();
    });
    return { ...device, known: [...new Set([...atPlace, ...atHost])] };
  });
}
