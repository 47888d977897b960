import type {
  Camera,
  CameraId,
  CameraProfile,
  OutputTarget,
  ProfileName,
  StreamPath,
  StreamSource,
} from '@vedette/contracts';
import { StreamPath as StreamPathSchema } from '@vedette/contracts';
import type { CameraPlace } from '../access/camera-access.ts';
import type { Counter, StreamToRun } from '../state/shared-state.ts';

export type SourceKind = Camera['source']['kind'];

/** One profile that can be pulled. */
export interface StreamableProfile extends CameraProfile {
  readonly source: StreamSource;
}

/** What starting a camera needs to know of it. */
export interface StreamableCamera extends CameraPlace {
  readonly name: string;
  readonly tags: readonly string[];
  /** 0 the most important, 9 the least. */
  readonly tier: number;
  /** Public name of its streams; null: `cam_{id}`. */
  readonly pathName: string | null;
  /** Of its source. */
  readonly kind: SourceKind;
  /** Host that is connected to; null where we connect to none. */
  readonly host: string | null;
  /** Connections that the device bears; null: not known to be few. */
  readonly maxConnections: number | null;
  readonly pull: 'on-demand' | 'always-on';
  readonly idleTtlSeconds: number;
  /** At most one of each name; empty while the camera has no source address. */
  readonly profiles: readonly StreamableProfile[];
  /** Where its main stream is sent to all the time. */
  readonly outputs?: readonly OutputTarget[];
}

/** The registry as streams see it. Answers must not be changed by who asks. */
export interface CameraCatalog {
  find(cameraId: CameraId): Promise<StreamableCamera | undefined>;
  alwaysOn(): Promise<readonly StreamableCamera[]>;
}

/** Public name of a stream: `cam_{id}` for main, `cam_{id}_sub` for sub. */
export function streamPath(cameraId: CameraId, profile: ProfileName): StreamPath {
  return StreamPathSchema.parse(profile === 'main' ? `cam_${cameraId}` : `cam_${cameraId}_${profile}`);
}

/** What we make of a stream is made only while somebody watches it, however the camera is pulled. */
export function isAlwaysOn(camera: StreamableCamera, profile: ProfileName): boolean {
  const source = camera.profiles.find(({ name }) => name === profile)?.source;
  return camera.pull === 'always-on' && source?.kind !== 'rendition';
}

/** Undefined where the camera has no such profile. What is made of another stream pulls nothing itself. */
export function streamToRun(
  camera: StreamableCamera,
  profile: ProfileName,
  budgets: readonly Counter[],
  ttlMs = camera.idleTtlSeconds * 1000,
): StreamToRun | undefined {
  const source = camera.profiles.find(({ name }) => name === profile)?.source;
  if (source === undefined) return undefined;
  return {
    path: streamPath(camera.id, profile),
    cameraId: camera.id,
    profile,
    ttlMs,
    alwaysOn: isAlwaysOn(camera, profile),
    budgets: source.kind === 'rendition' ? [] : budgets.map(({ key }) => key),
  };
}
