import { describe, expect, it } from 'vitest';
import { maskSecrets } from './mask-secrets.ts';

describe('maskSecrets', () => {
  it.each([
    ['rtsp://admin:p@ss#w@10.0.0.2/main', 'rtsp://***@10.0.0.2/main'],
    ['GET /hls/eyJh.bb.cc/cam_1/index.m3u8', 'GET /hls/***/cam_1/index.m3u8'],
    ['GET /hls/-/cam_1/r/1.2.abc.m4s', 'GET /hls/-/cam_1/r/1.2.abc.m4s'],
    ['"authorization":"Bearer abc.def"', '"authorization":"Bearer ***"'],
    ['/whep/x?token=abc&y=1', '/whep/x?token=***&y=1'],
    ['token vdt_AbC-1_2', 'token vdt_***'],
  ])('masks %s', (input, output) => {
    expect(maskSecrets(input)).toBe(output);
  });

  it('leaves ordinary text alone', () => {
    const text = '{"msg":"stream live","cameraId":"abc","url":"rtsp://10.0.0.2:554/main"}';
    expect(maskSecrets(text)).toBe(text);
  });
});
