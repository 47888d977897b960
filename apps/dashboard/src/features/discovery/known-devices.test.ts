import type { Camera, FoundDevice } from '@vedette/contracts';
import { CameraId } from '@vedette/contracts';
import { describe, expect, it } from 'vitest';
import { withKnownCameras } from './known-devices.ts';

const id = (text: string) => CameraId.parse(text);
const camera = (name: string, source: Camera['source']): Camera => ({
  id: id(name),
  name,
  source,
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
});
const onvif = (name: string, host: string, port: number) =>
  camera(name, { kind: 'onvif', host, port, transport: 'tcp', hasPassword: true });
const device = (known: readonly string[]): FoundDevice => ({
  kind: 'onvif',
  host: '10.0.0.7',
  port: 8000,
  name: null,
  model: null,
  location: null,
  known: known.map(id),
});
const knownOf = (found: FoundDevice, ...cameras: Camera[]) =>
  withKnownCameras([found], new Map(cameras.map((one) => [one.id, one])))[0]?.known;

describe('whether a found device is a camera already', () => {
  it('is so for an ONVIF camera at the same host and port, even one added since the search began', () => {
    expect(knownOf(device([]), onvif('a', '10.0.0.7', 8000))).toEqual(['a']);
  });

  it('is not so for an ONVIF camera at another port of that host', () => {
    expect(knownOf(device(['a']), onvif('a', '10.0.0.7', 80))).toEqual([]);
  });

  it('is so for a camera of that host that is asked by RTSP, or under another name of the host', () => {
    const rtsp = camera('r', {
      kind: 'rtsp',
      url: 'rtsp://10.0.0.7/main',
      transport: 'tcp',
      hasPassword: false,
    });
    expect(knownOf(device(['r']), rtsp)).toEqual(['r']);
    expect(knownOf(device(['b']), onvif('b', 'gate.example', 8000))).toEqual(['b']);
  });

  it('is not so any more once the camera was deleted', () => {
    expect(knownOf(device(['a']))).toEqual([]);
  });

  it('is what control says while the cameras are still being read', () => {
    expect(withKnownCameras([device(['a'])], undefined)[0]?.known).toEqual(['a']);
  });
});
