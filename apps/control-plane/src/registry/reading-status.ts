import type { ReasonCode } from '@vedette/contracts';
import type { CameraRecord } from './camera-record.ts';
import type { CameraStatus } from './camera-status.ts';
import type { ReadingState } from './profile-reader.ts';

/** A camera without a stream to open is not "idle": it is being asked, could not be asked, or lacks an address. */
export function statusOf(
  camera: Pick<CameraRecord, 'profiles'>,
  streaming: CameraStatus,
  reading: ReadingState | undefined,
  /** Why it did not answer when nobody watched it. */
  failure?: ReasonCode,
): CameraStatus {
  if (camera.profiles.some(({ name }) => name === 'main')) {
    if (streaming.state !== 'idle' || failure === undefined) return streaming;
    return { ...streaming, state: 'offline', reason: failure };
  }
  const { viewers } = streaming;
  switch (reading?.kind) {
    case 'reading':
      return { state: 'connecting', reason: 'connecting', viewers };
    case 'failed':
      return { state: 'offline', reason: reading.code, viewers };
    case undefined:
      return { state: 'not_configured', reason: 'camera_not_configured', viewers };
  }
}
