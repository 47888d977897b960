import { CameraId, ProfileName } from '@vedette/contracts';

/** Cameras by the public names that they were given. */
export interface PathNames {
  cameraNamed(pathName: string): Promise<CameraId | undefined>;
}

export interface NamedStream {
  readonly cameraId: CameraId;
  readonly profile: ProfileName;
}

/** The form that we give ourselves; `PathName` never has it, nor ends in a profile. */
const OWN = /^cam_([a-z0-9]+)$/;
const SUFFIX = /^(.+)_(sub|lite)$/;

/** `cam_{id}` or `{pathName}` is main, with `_sub` or `_lite` one of the others. Undefined where no camera is called so. */
export async function findNamedStream(path: string, names: PathNames): Promise<NamedStream | undefined> {
  const [, base = path, suffix = 'main'] = SUFFIX.exec(path) ?? [];
  const own = CameraId.safeParse(OWN.exec(base)?.[1]);
  const cameraId = own.success ? own.data : await names.cameraNamed(base);
  return cameraId === undefined ? undefined : { cameraId, profile: ProfileName.parse(suffix) };
}
