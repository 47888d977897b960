import { type Camera, type CameraId, SiteId } from '@vedette/contracts';
import { describe, expect, it } from 'vitest';
import {
  type CameraForm,
  changeOf,
  formOf,
  inputOf,
  isSourceChanged,
  mayRender,
  sourceOf,
  withRendition,
} from './camera-form.ts';
import { withoutCredentials } from './pasted-credentials.ts';

const camera: Camera = {
  id: 'c1' as CameraId,
  name: 'North gate',
  source: {
    kind: 'rtsp',
    url: 'rtsp://10.0.0.7/main',
    transport: 'tcp',
    username: 'view',
    hasPassword: true,
  },
  pull: 'on-demand',
  idleTtlSeconds: 15,
  siteId: null,
  groupIds: [],
  tags: [],
  tier: 5,
  pathName: null,
  maxConnections: null,
  watched: true,
  renditions: [],
  outputs: [],
  profiles: [],
  device: null,
  state: 'idle',
  reason: 'waiting_for_viewer',
  viewers: 0,
  createdAt: '2026-11-20T00:00:00.000Z',
  updatedAt: '2026-11-20T00:00:00.000Z',
};

describe('the camera form', () => {
  it('sends nothing when nothing was changed', () => {
    expect(changeOf(camera, formOf(camera))).toEqual({});
  });

  it('leaves the source alone when only the name was changed', () => {
    expect(changeOf(camera, { ...formOf(camera), name: ' South gate ' })).toEqual({ name: 'South gate' });
  });

  it('sends of where a camera belongs what was changed alone', () => {
    const form = { ...formOf(camera), tags: 'Gate, ptz  gate', tier: '2', maxConnections: ' 4 ' };
    expect(changeOf(camera, form)).toEqual({ tags: ['gate', 'ptz'], tier: 2, maxConnections: 4 });
    const placed = { ...camera, siteId: SiteId.parse('s1'), pathName: 'police_17', tags: ['gate'] };
    expect(changeOf(placed, formOf(placed))).toEqual({});
    expect(changeOf(placed, { ...formOf(placed), siteId: '', pathName: ' ', tags: '' })).toEqual({
      siteId: null,
      pathName: null,
      tags: [],
    });
  });

  it('keeps the stored password unless one is typed or it is to be removed', () => {
    const form = { ...formOf(camera), url: 'rtsp://10.0.0.7/other' };
    expect(changeOf(camera, form).source).not.toHaveProperty('password');
    expect(changeOf(camera, { ...form, password: 'new' }).source).toMatchObject({ password: 'new' });
    expect(isSourceChanged(camera, { ...formOf(camera), removePassword: true })).toBe(true);
    expect(changeOf(camera, { ...form, removePassword: true }).source).toMatchObject({ password: '' });
  });

  it('leaves empty fields out of a new camera', () => {
    const form = { ...formOf(undefined), name: 'Yard', url: ' rtsp://10.0.0.8/1 ' };
    expect(inputOf(form)).toEqual({
      name: 'Yard',
      source: { kind: 'rtsp', url: 'rtsp://10.0.0.8/1', transport: 'tcp' },
      pull: 'on-demand',
      idleTtlSeconds: 15,
      renditions: [],
      siteId: null,
      groupIds: [],
      tags: [],
      tier: 5,
      pathName: null,
      maxConnections: null,
      watched: true,
    });
  });

  it.each<Camera['source']>([
    {
      kind: 'rtsp',
      url: 'rtsps://10.0.0.7/main',
      subUrl: 'rtsps://10.0.0.7/sub',
      transport: 'udp',
      certificate: { check: 'pin', sha256: 'ab'.repeat(32) },
      hasPassword: false,
    },
    { kind: 'onvif', host: '10.0.0.7', port: 8000, transport: 'http', username: 'view', hasPassword: true },
    { kind: 'file', file: 'loops/gate.mp4', loop: false, hasPassword: false },
    { kind: 'http', url: 'https://media.example/clip.mp4', loop: false, username: 'u', hasPassword: true },
    { kind: 'http-audio', url: 'https://radio.example/live', hasPassword: false },
    { kind: 'publish', via: 'srt', port: 9000, username: 'van', hasPassword: true },
  ])('takes every kind of source and gives it back unchanged: $kind', (source) => {
    const { hasPassword: _hasPassword, ...sent } = source;
    const kept = { ...camera, source };
    expect(sourceOf(formOf(kept))).toEqual(sent);
    expect(changeOf(kept, formOf(kept))).toEqual({});
  });

  it('says how a certificate is checked only where there is one and it is not by authorities', () => {
    const form: CameraForm = { ...formOf(undefined), url: 'rtsps://10.0.0.7/main' };
    expect(sourceOf(form)).not.toHaveProperty('certificate');
    expect(sourceOf({ ...form, certificate: 'none' })).toMatchObject({ certificate: { check: 'none' } });
    const plain = { ...form, url: 'rtsp://10.0.0.7/main', certificate: 'none' as const };
    expect(sourceOf(plain)).not.toHaveProperty('certificate');
  });

  it('sends the port of an encoder by RTMP or SRT alone', () => {
    const form: CameraForm = { ...formOf(undefined), kind: 'publish', publishPort: '1935' };
    expect(sourceOf({ ...form, via: 'rtmp' })).toEqual({ kind: 'publish', via: 'rtmp', port: 1935 });
    expect(sourceOf({ ...form, via: 'whip' })).toEqual({ kind: 'publish', via: 'whip' });
    expect(sourceOf({ ...form, via: 'rtmp', publishPort: ' ' })).not.toHaveProperty('port');
  });

  it('makes no small stream where the camera has one, and none of a radio station', () => {
    const form: CameraForm = {
      ...formOf(undefined),
      url: 'rtsp://10.0.0.7/main',
      subUrl: 'rtsp://10.0.0.7/sub',
      renditions: [{ profile: 'sub' }, { profile: 'lite' }],
    };
    expect(inputOf(form).renditions).toEqual([{ profile: 'lite' }]);
    expect(inputOf({ ...form, kind: 'onvif' }).renditions).toHaveLength(2);
    expect(inputOf({ ...form, kind: 'http-audio' }).renditions).toEqual([]);
    expect(mayRender(form, 'sub')).toBe(false);
  });

  it('leaves the size of a made stream as it was when it stays wanted', () => {
    const renditions = [{ profile: 'lite' as const, height: 480 }];
    expect(withRendition(renditions, 'lite', true)).toBe(renditions);
    expect(withRendition(renditions, 'sub', true)).toEqual([...renditions, { profile: 'sub' }]);
    expect(withRendition(renditions, 'lite', false)).toEqual([]);
    const made = { ...camera, renditions };
    expect(changeOf(made, { ...formOf(made), renditions: [] })).toEqual({ renditions: [] });
  });

  it('sends host and port of an ONVIF camera', () => {
    const form = {
      ...formOf(undefined),
      name: 'Yard',
      kind: 'onvif' as const,
      host: '10.0.0.9',
      port: '8000',
    };
    expect(inputOf(form).source).toEqual({ kind: 'onvif', host: '10.0.0.9', port: 8000, transport: 'tcp' });
  });

  it('takes credentials out of a pasted URL, split at the last @ and the first colon', () => {
    expect(withoutCredentials('rtsp://admin:p@ss:w%2Ford@10.0.0.7:554/h264')).toEqual({
      url: 'rtsp://10.0.0.7:554/h264',
      username: 'admin',
      password: 'p@ss:w/ord',
    });
    expect(withoutCredentials('https://listener:key@radio.example/live')?.url).toBe(
      'https://radio.example/live',
    );
    expect(withoutCredentials('rtsp://admin:100%@10.0.0.7/')?.password).toBe('100%');
    expect(withoutCredentials('rtsp://10.0.0.7/a@b')).toBeUndefined();
  });
});
