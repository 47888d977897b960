import { describe, expect, it } from 'vitest';
import { controlUrl, requestUrl, sessionBase } from './rtsp-url.ts';

const request = new URL('rtsp://user:secret@10.0.0.5:8554/live/main?channel=1');

describe('requestUrl', () => {
  it('leaves credentials out and path and query as they are', () => {
    expect(requestUrl(request)).toBe('rtsp://10.0.0.5:8554/live/main?channel=1');
  });
});

describe('sessionBase', () => {
  it.each([
    [
      'the session control before Content-Base',
      'rtsp://10.0.0.5:8554/b/',
      'rtsp://10.0.0.5:8554/a/',
      'rtsp://10.0.0.5:8554/a/',
    ],
    ['Content-Base where the control is a star', 'rtsp://10.0.0.5:8554/b/', '*', 'rtsp://10.0.0.5:8554/b/'],
    ['the request where nothing is given', undefined, undefined, 'rtsp://10.0.0.5:8554/live/main?channel=1'],
    [
      'our host, whatever the camera names of itself',
      'rtsp://192.168.1.108/b/',
      undefined,
      'rtsp://10.0.0.5:8554/b/',
    ],
    ['a doubled scheme, repaired', 'rtsp://rtsp://10.0.0.5:8554/b', undefined, 'rtsp://10.0.0.5:8554/b'],
    ['an IPv6 host without brackets, repaired', 'rtsp://fe80::1:8554/b', undefined, 'rtsp://10.0.0.5:8554/b'],
    ['no scheme, repaired', '192.168.1.108:554/b/', undefined, 'rtsp://10.0.0.5:8554/b/'],
    ['a name with a port and no scheme, repaired', 'camera:554/b/', undefined, 'rtsp://10.0.0.5:8554/b/'],
    ['two slashes and no scheme, repaired', '//192.168.1.108/b/', undefined, 'rtsp://10.0.0.5:8554/b/'],
    ['a path alone', '/b/', undefined, 'rtsp://10.0.0.5:8554/b/'],
  ])('takes %s', (_what, contentBase, control, expected) => {
    expect(sessionBase(request, contentBase, control)).toBe(expected);
  });
});

describe('controlUrl', () => {
  const base = 'rtsp://10.0.0.5:8554/live/main?channel=1';

  it.each([
    ['adds a slash', base, 'trackID=0', `${base}/trackID=0`],
    ['does not double it', 'rtsp://10.0.0.5/live/', 'trackID=0', 'rtsp://10.0.0.5/live/trackID=0'],
    ['appends a query as it is', 'rtsp://10.0.0.5/live', '?track=1', 'rtsp://10.0.0.5/live?track=1'],
    [
      'keeps our host for an absolute control',
      base,
      'rtsp://192.168.0.9/live/track1',
      'rtsp://10.0.0.5:8554/live/track1',
    ],
    ['is the base for a single track without control', base, undefined, base],
  ])('%s', (_what, from, control, expected) => {
    expect(controlUrl(request, from, control)).toBe(expected);
  });
});
