import type {
  BrowserProtocol,
  CameraId,
  DecisionStep,
  IceServer,
  ProfileName,
  SessionId,
} from '@vedette/contracts';

/** One way to the pictures of a view. For HLS the URL carries the capability. */
export interface Grant {
  readonly protocol: BrowserProtocol;
  readonly profile: ProfileName;
  readonly url: string;
  readonly token: string;
}

/** A view that control granted. */
export interface View {
  readonly sessionId: SessionId;
  readonly cameraId: CameraId;
  readonly profile: ProfileName;
  /** Best first; never empty. */
  readonly grants: readonly Grant[];
  /** From the answer until the tokens expire. */
  readonly lifeMs: number;
  readonly iceServers: readonly IceServer[];
  readonly decision: readonly DecisionStep[];
}

export function grantFor(view: View | null, protocol: BrowserProtocol): Grant | undefined {
  return view?.grants.find((grant) => grant.protocol === protocol);
}
