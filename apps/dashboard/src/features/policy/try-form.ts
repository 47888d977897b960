// What would happen if: what was typed. Out: the question as control takes it. What is left empty is not known.
import type { CameraId, PolicyRule, PolicyTryRequest, Role, UserId } from '@vedette/contracts';

export interface TryForm {
  readonly camera: { readonly id: CameraId; readonly name: string } | undefined;
  readonly role: Role;
  /** Instead of a role. */
  readonly person: { readonly id: UserId; readonly name: string } | undefined;
  readonly width: string;
  readonly height: string;
  readonly tiles: string;
  readonly udp: '' | 'yes' | 'no';
  readonly rttMs: string;
  readonly address: string;
  readonly protocol: '' | 'webrtc' | 'hls';
  /** Empty: now. */
  readonly at: string;
  readonly nodeCpu: string;
  readonly viewers: string;
}

export const EMPTY_TRY: TryForm = {
  camera: undefined,
  role: 'operator',
  person: undefined,
  width: '640',
  height: '360',
  tiles: '4',
  udp: 'yes',
  rttMs: '',
  address: '',
  protocol: '',
  at: '',
  nodeCpu: '',
  viewers: '',
};

/** Undefined while there is no camera to ask about. */
export function tryRequestOf(
  form: TryForm,
  rules: readonly PolicyRule[] | undefined,
): PolicyTryRequest | undefined {
  if (form.camera === undefined) return undefined;
  const { udp } = form;
  const rttMs = number(form.rttMs);
  const width = number(form.width);
  const height = number(form.height);
  const tiles = number(form.tiles);
  const nodeCpu = number(form.nodeCpu);
  const viewers = number(form.viewers);
  const network = {
    ...(udp === '' ? {} : { udp: udp === 'yes' }),
    ...(rttMs === undefined ? {} : { rttMs }),
  };
  return {
    cameraId: form.camera.id,
    role: form.role,
    ...(form.person === undefined ? {} : { userId: form.person.id }),
    ...(form.address.trim() === '' ? {} : { address: form.address.trim() }),
    ...(form.protocol === '' ? {} : { protocol: form.protocol }),
    request: {
      // As any browser of today says of itself.
      capabilities: { webrtc: true, hls: true, h264: true },
      ...(width === undefined || height === undefined
        ? {}
        : { tile: { width, height, ...(tiles === undefined ? {} : { tiles }) } }),
      ...(Object.keys(network).length === 0 ? {} : { network }),
    },
    ...(form.at === '' ? {} : { at: new Date(form.at).toISOString() }),
    ...(nodeCpu === undefined ? {} : { nodeCpu }),
    ...(viewers === undefined ? {} : { viewers }),
    ...(rules === undefined ? {} : { rules: [...rules] }),
  };
}

function number(typed: string): number | undefined {
  const value = Number(typed);
  return typed.trim() === '' || Number.isNaN(value) ? undefined : value;
}
