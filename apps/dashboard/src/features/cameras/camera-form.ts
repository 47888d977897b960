// A camera as a form holds it, and as control takes it. In: a camera or nothing, what was typed. Out: request bodies.
import type {
  Camera,
  CameraChange,
  CameraInput,
  CameraInputFields,
  CameraRendition,
  CertificateCheck,
  GroupId,
  PublishVia,
  RtspTransport,
  SiteId,
} from '@vedette/contracts';

/** Every field of every kind, so that changing the kind and back loses nothing. */
export interface CameraForm {
  readonly name: string;
  readonly kind: CameraInput['source']['kind'];
  readonly url: string;
  readonly subUrl: string;
  readonly certificate: CertificateCheck['check'];
  readonly fingerprint: string;
  readonly host: string;
  readonly port: string;
  readonly transport: RtspTransport;
  readonly file: string;
  /** Of a file or stream over HTTP, and of a radio station. */
  readonly httpUrl: string;
  readonly loop: boolean;
  readonly via: PublishVia;
  readonly publishPort: string;
  readonly username: string;
  /** Empty: the stored one stays, if there is one. */
  readonly password: string;
  readonly removePassword: boolean;
  readonly pull: 'on-demand' | 'always-on';
  readonly idleTtlSeconds: string;
  readonly renditions: readonly CameraRendition[];
  /** Empty: no site. */
  readonly siteId: SiteId | '';
  readonly groupIds: readonly GroupId[];
  /** As typed, apart by commas or blanks. */
  readonly tags: string;
  readonly tier: string;
  /** Empty: `cam_` and the id. */
  readonly pathName: string;
  /** Empty: not known to be few. */
  readonly maxConnections: string;
  readonly watched: boolean;
}

const EMPTY: CameraForm = {
  name: '',
  kind: 'rtsp',
  url: '',
  subUrl: '',
  certificate: 'authority',
  fingerprint: '',
  host: '',
  port: '80',
  transport: 'tcp',
  file: '',
  httpUrl: '',
  loop: true,
  via: 'rtsp',
  publishPort: '',
  username: '',
  password: '',
  removePassword: false,
  pull: 'on-demand',
  idleTtlSeconds: '15',
  renditions: [],
  siteId: '',
  groupIds: [],
  tags: '',
  tier: '5',
  pathName: '',
  maxConnections: '',
  watched: true,
};

export function formOf(camera: Camera | undefined): CameraForm {
  if (camera === undefined) return EMPTY;
  return {
    ...EMPTY,
    name: camera.name,
    pull: camera.pull,
    idleTtlSeconds: String(camera.idleTtlSeconds),
    renditions: camera.renditions,
    siteId: camera.siteId ?? '',
    groupIds: camera.groupIds,
    tags: camera.tags.join(', '),
    tier: String(camera.tier),
    pathName: camera.pathName ?? '',
    maxConnections: camera.maxConnections === null ? '' : String(camera.maxConnections),
    watched: camera.watched,
    ...partOf(camera.source),
  };
}

function partOf(source: Camera['source']): Partial<CameraForm> & Pick<CameraForm, 'kind'> {
  if (source.kind === 'file') return { kind: 'file', file: source.file, loop: source.loop };
  const username = source.username ?? '';
  switch (source.kind) {
    case 'rtsp':
      return {
        kind: 'rtsp',
        url: source.url,
        subUrl: source.subUrl ?? '',
        transport: source.transport,
        certificate: source.certificate?.check ?? 'authority',
        fingerprint: source.certificate?.check === 'pin' ? source.certificate.sha256 : '',
        username,
      };
    case 'onvif':
      return {
        kind: 'onvif',
        host: source.host,
        port: String(source.port),
        transport: source.transport,
        username,
      };
    case 'http':
      return { kind: 'http', httpUrl: source.url, loop: source.loop, username };
    case 'http-audio':
      return { kind: 'http-audio', httpUrl: source.url, username };
    case 'publish':
      return {
        kind: 'publish',
        via: source.via,
        publishPort: source.port === undefined ? '' : String(source.port),
        username,
      };
  }
}

export function sourceOf(form: CameraForm): CameraInput['source'] {
  const credentials = {
    ...(form.username === '' ? {} : { username: form.username }),
    ...(form.removePassword ? { password: '' } : form.password === '' ? {} : { password: form.password }),
  };
  switch (form.kind) {
    case 'rtsp': {
      const subUrl = form.subUrl.trim();
      return {
        kind: 'rtsp',
        url: form.url.trim(),
        ...(subUrl === '' ? {} : { subUrl }),
        transport: form.transport,
        ...certificateOf(form),
        ...credentials,
      };
    }
    case 'onvif':
      return {
        kind: 'onvif',
        host: form.host.trim(),
        port: Number(form.port),
        transport: form.transport,
        ...credentials,
      };
    case 'file':
      return { kind: 'file', file: form.file.trim(), loop: form.loop };
    case 'http':
      return { kind: 'http', url: form.httpUrl.trim(), loop: form.loop, ...credentials };
    case 'http-audio':
      return { kind: 'http-audio', url: form.httpUrl.trim(), ...credentials };
    case 'publish':
      return {
        kind: 'publish',
        via: form.via,
        ...(hasPortOfItsOwn(form.via) && form.publishPort.trim() !== ''
          ? { port: Number(form.publishPort) }
          : {}),
        ...credentials,
      };
  }
}

/** Whether a camera is asked over TLS, so that there is a certificate to judge. */
export function isOverTls(form: Pick<CameraForm, 'url' | 'subUrl'>): boolean {
  return [form.url, form.subUrl].some((url) => /^\s*rtsps:\/\//i.test(url));
}

function certificateOf(form: CameraForm): { certificate?: CertificateCheck } {
  if (!isOverTls(form) || form.certificate === 'authority') return {};
  if (form.certificate === 'none') return { certificate: { check: 'none' } };
  return { certificate: { check: 'pin', sha256: form.fingerprint.trim() } };
}

/** RTMP and SRT listen on a port for each encoder; the others come in on the node's own. */
export function hasPortOfItsOwn(via: PublishVia): boolean {
  return via === 'rtmp' || via === 'srt';
}

/** A radio station has no picture, and a camera's own small stream needs no other. */
export function mayRender(
  form: Pick<CameraForm, 'kind' | 'subUrl'>,
  profile: CameraRendition['profile'],
): boolean {
  if (form.kind === 'http-audio') return false;
  return !(profile === 'sub' && form.kind === 'rtsp' && form.subUrl.trim() !== '');
}

/** With or without a stream made by us; one that is there keeps its size. */
export function withRendition(
  renditions: readonly CameraRendition[],
  profile: CameraRendition['profile'],
  wanted: boolean,
): readonly CameraRendition[] {
  if (!wanted) return renditions.filter((rendition) => rendition.profile !== profile);
  return renditions.some((rendition) => rendition.profile === profile)
    ? renditions
    : [...renditions, { profile }];
}

export function inputOf(form: CameraForm) {
  return {
    name: form.name.trim(),
    source: sourceOf(form),
    pull: form.pull,
    idleTtlSeconds: Number(form.idleTtlSeconds),
    renditions: form.renditions.filter(({ profile }) => mayRender(form, profile)),
    ...organisationOf(form),
  } satisfies CameraInputFields;
}

function organisationOf(form: CameraForm) {
  const { groupIds, maxConnections, pathName, siteId, tags, tier, watched } = form;
  return {
    siteId: siteId === '' ? null : siteId,
    groupIds: [...groupIds],
    tags: tagsOf(tags),
    tier: Number(tier),
    pathName: pathName.trim() === '' ? null : pathName.trim(),
    maxConnections: maxConnections.trim() === '' ? null : Number(maxConnections),
    watched,
  };
}

/** What was typed, each once, in the order of typing. */
export function tagsOf(typed: string): string[] {
  return [...new Set(typed.toLowerCase().split(/[\s,;]+/))].filter((tag) => tag !== '');
}

/** Only what differs, so that a mere renaming neither touches the source nor asks the camera anything. */
export function changeOf(camera: Camera, form: CameraForm): CameraChange {
  const input = inputOf(form);
  return {
    ...(input.name === camera.name ? {} : { name: input.name }),
    ...(isSourceChanged(camera, form) ? { source: sourceOf(form) } : {}),
    ...(input.pull === camera.pull ? {} : { pull: input.pull }),
    ...(input.idleTtlSeconds === camera.idleTtlSeconds ? {} : { idleTtlSeconds: input.idleTtlSeconds }),
    ...(isSame(input.renditions, camera.renditions) ? {} : { renditions: input.renditions }),
    ...(input.siteId === camera.siteId ? {} : { siteId: input.siteId }),
    ...(isSame(input.groupIds, camera.groupIds) ? {} : { groupIds: input.groupIds }),
    ...(isSame(input.tags, camera.tags) ? {} : { tags: input.tags }),
    ...(input.tier === camera.tier ? {} : { tier: input.tier }),
    ...(input.pathName === camera.pathName ? {} : { pathName: input.pathName }),
    ...(input.maxConnections === camera.maxConnections ? {} : { maxConnections: input.maxConnections }),
    ...(input.watched === camera.watched ? {} : { watched: input.watched }),
  };
}

export function isSourceChanged(camera: Camera, form: CameraForm): boolean {
  return !isSame(sourceOf(formOf(camera)), sourceOf(form));
}

function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
