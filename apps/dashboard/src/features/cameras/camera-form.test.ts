import type { Camera, CameraId } from '@vedette/contracts';
import { describe, expect, it } from 'vitest';
import { changeOf, formOf, inputOf, isSourceChanged, withoutCredentials } from './camera-form.ts';

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
    });
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
    expect(withoutCredentials('rtsp://admin:100%@10.0.0.7/')?.password).toBe('100%');
    expect(withoutCredentials('rtsp://10.0.0.7/a@b')).toBeUndefined();
  });
});
