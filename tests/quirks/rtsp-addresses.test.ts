// Quirks of the addresses that cameras give their streams and tracks: media-quirks (a).
import { describe, expect, test } from 'vitest';
import { H264_SDP, ScriptedCamera } from '../../simulators/testing/scripted-camera.ts';
import { Pull } from '../support/pulling.ts';
import { stillPicture } from './still-picture.ts';

/** What SETUP and PLAY were asked of, `HOST` for the camera's address. */
async function addresses(options: {
  contentBase?: string;
  sessionControl?: string;
  trackControl?: string;
  path?: string;
}): Promise<{ setup: string; play: string }> {
  const control = (line: string, value: string | undefined) =>
    value === undefined ? '' : `${line}:${value}\r\n`;
  const sdp = H264_SDP.replace('a=control:*\r\n', control('a=control', options.sessionControl)).replace(
    'a=control:trackID=0\r\n',
    control('a=control', options.trackControl),
  );
  await using camera = await ScriptedCamera.start({
    answer: ({ method }) =>
      method === 'DESCRIBE'
        ? {
            body: sdp,
            headers:
              options.contentBase === undefined
                ? []
                : [['Content-Base', options.contentBase.replace('HOST', `127.0.0.1:${camera.port}`)]],
          }
        : undefined,
    onPlay: stillPicture,
  });
  const url = `rtsp://127.0.0.1:${camera.port}${options.path ?? '/main'}`;
  await using pull = new Pull({ url });
  await pull.pictures(1);
  const of = (method: string) =>
    (camera.request(method)?.url ?? '').replace(`127.0.0.1:${camera.port}`, 'HOST');
  return { setup: of('SETUP'), play: of('PLAY') };
}

describe('the base of all addresses', () => {
  test.each([
    [
      'is the session control',
      { sessionControl: 'rtsp://192.0.2.1/a/', contentBase: 'rtsp://HOST/b/' },
      'rtsp://HOST/a/',
    ],
    [
      'is Content-Base where the session control is a star',
      { sessionControl: '*', contentBase: 'rtsp://HOST/b/' },
      'rtsp://HOST/b/',
    ],
    ['is the request where the camera says nothing', {}, 'rtsp://HOST/main'],
    ['keeps the host that was reached', { contentBase: 'rtsp://192.168.1.108:554/b/' }, 'rtsp://HOST/b/'],
    [
      'never holds the credentials that a camera echoes',
      { contentBase: 'rtsp://user:pw@192.168.1.108/b/' },
      'rtsp://HOST/b/',
    ],
    ['is repaired when it is a path alone', { contentBase: '/b/' }, 'rtsp://HOST/b/'],
    ['is repaired when its scheme is doubled', { contentBase: 'rtsp://rtsp://HOST/b/' }, 'rtsp://HOST/b/'],
    ['is repaired when it has no scheme', { contentBase: '192.168.1.108:554/b/' }, 'rtsp://HOST/b/'],
    [
      'is repaired when its IPv6 host has no brackets',
      { contentBase: 'rtsp://fe80::1:554/b/' },
      'rtsp://HOST/b/',
    ],
  ])('%s', async (_what, options, base) => {
    const { setup, play } = await addresses({ ...options, trackControl: 'trackID=0' });
    expect(play).toBe(base);
    expect(setup).toBe(base.endsWith('/') ? `${base}trackID=0` : `${base}/trackID=0`);
  });
});

describe('the address of a track', () => {
  test.each([
    ['is the base, a slash, and the control', 'rtsp://HOST/live', 'trackID=1', 'rtsp://HOST/live/trackID=1'],
    ['has no second slash', 'rtsp://HOST/live/', 'trackID=1', 'rtsp://HOST/live/trackID=1'],
    [
      'has no slash before one in the control',
      'rtsp://HOST/live',
      '/trackID=1',
      'rtsp://HOST/live/trackID=1',
    ],
    ['has no slash before a query', 'rtsp://HOST/live', '?track=1', 'rtsp://HOST/live?track=1'],
    [
      'goes behind a query of the base',
      'rtsp://HOST/cam?channel=1',
      'trackID=1',
      'rtsp://HOST/cam?channel=1/trackID=1',
    ],
    ['is not joined by the rules of web addresses', 'rtsp://HOST/a/b', 'c/d', 'rtsp://HOST/a/b/c/d'],
    [
      'keeps the host that was reached',
      'rtsp://HOST/live/',
      'rtsp://10.1.1.1:554/live/track1',
      'rtsp://HOST/live/track1',
    ],
    ['is the base where a single track has no control', 'rtsp://HOST/live/', undefined, 'rtsp://HOST/live/'],
  ])('%s', async (_what, contentBase, trackControl, setup) => {
    const found = await addresses({ contentBase, ...(trackControl === undefined ? {} : { trackControl }) });
    expect(found.setup).toBe(setup);
  });
});
