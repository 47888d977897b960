// A camera as a form holds it, and as control takes it. In: a camera or nothing, what was typed. Out: request bodies.
import type { Camera, CameraChange, CameraInput, RtspTransport } from '@vedette/contracts';

export interface CameraForm {
  readonly name: string;
  readonly kind: 'rtsp' | 'onvif';
  readonly url: string;
  readonly subUrl: string;
  readonly host: string;
  readonly port: string;
  readonly username: string;
  /** Empty: the stored one stays, if there is one. */
  readonly password: string;
  readonly removePassword: boolean;
  readonly transport: RtspTransport;
  readonly pull: 'on-demand' | 'always-on';
  readonly idleTtlSeconds: string;
}

const EMPTY: CameraForm = {
  name: '',
  kind: 'rtsp',
  url: '',
  subUrl: '',
  host: '',
  port: '80',
  username: '',
  password: '',
  removePassword: false,
  transport: 'tcp',
  pull: 'on-demand',
  idleTtlSeconds: '15',
};

export function formOf(camera: Camera | undefined): CameraForm {
  if (camera === undefined) return EMPTY;
  const { source } = camera;
  const common = {
    ...EMPTY,
    name: camera.name,
    username: source.username ?? '',
    transport: source.transport,
    pull: camera.pull,
    idleTtlSeconds: String(camera.idleTtlSeconds),
  };
  return source.kind === 'rtsp'
    ? { ...common, kind: 'rtsp', url: source.url, subUrl: source.subUrl ?? '' }
    : { ...common, kind: 'onvif', host: source.host, port: String(source.port) };
}

export function sourceOf(form: CameraForm): CameraInput['source'] {
  const credentials = {
    ...(form.username === '' ? {} : { username: form.username }),
    ...(form.removePassword ? { password: '' } : form.password === '' ? {} : { password: form.password }),
  };
  if (form.kind === 'onvif')
    return {
      kind: 'onvif',
      host: form.host.trim(),
      port: Number(form.port),
      transport: form.transport,
      ...credentials,
    };
  const subUrl = form.subUrl.trim();
  return {
    kind: 'rtsp',
    url: form.url.trim(),
    ...(subUrl === '' ? {} : { subUrl }),
    transport: form.transport,
    ...credentials,
  };
}

export function inputOf(form: CameraForm): CameraInput {
  return {
    name: form.name.trim(),
    source: sourceOf(form),
    pull: form.pull,
    idleTtlSeconds: Number(form.idleTtlSeconds),
  };
}

/** Only what differs, so that a mere renaming neither touches the source nor asks the camera anything. */
export function changeOf(camera: Camera, form: CameraForm): CameraChange {
  const input = inputOf(form);
  return {
    ...(input.name === camera.name ? {} : { name: input.name }),
    ...(isSourceChanged(camera, form) ? { source: input.source } : {}),
    ...(input.pull === camera.pull ? {} : { pull: input.pull }),
    ...(input.idleTtlSeconds === camera.idleTtlSeconds ? {} : { idleTtlSeconds: input.idleTtlSeconds }),
  };
}

export function isSourceChanged(camera: Camera, form: CameraForm): boolean {
  return JSON.stringify(sourceOf(formOf(camera))) !== JSON.stringify(sourceOf(form));
}

/**
 * A URL with credentials in it, as people paste them, taken apart: control wants them in fields of their own.
 * Undefined when there are none.
 */
export function withoutCredentials(
  url: string,
): { readonly url: string; readonly username: string; readonly password: string } | undefined {
  const match = /^(rtsps?:\/\/)([^/]*)@(.*)$/i.exec(url.trim());
  const [, scheme, userInfo, rest] = match ?? [];
  if (scheme === undefined || userInfo === undefined || rest === undefined) return undefined;
  const colon = userInfo.indexOf(':');
  const username = colon === -1 ? userInfo : userInfo.slice(0, colon);
  const password = colon === -1 ? '' : userInfo.slice(colon + 1);
  return { url: `${scheme}${rest}`, username: decoded(username), password: decoded(password) };
}

/** Percent-decoded where that is possible; a lone % belongs to the password. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
