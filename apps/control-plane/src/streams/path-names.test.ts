import { CameraId, PathName } from '@vedette/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findNamedStream } from './path-names.ts';

const KNOWN = new Map([
  ['police_17', 'a1'],
  ['gate-sub', 'a2'],
]);
const names = {
  cameraNamed: async (name: string) => {
    const id = KNOWN.get(name);
    return id === undefined ? undefined : CameraId.parse(id);
  },
};
const found = async (path: string) => {
  const stream = await findNamedStream(path, names);
  return stream === undefined ? undefined : `${stream.cameraId} ${stream.profile}`;
};

describe('a public path', () => {
  it.each([
    ['cam_a1', 'a1 main'],
    ['cam_a1_sub', 'a1 sub'],
    ['cam_a1_lite', 'a1 lite'],
    ['police_17', 'a1 main'],
    ['police_17_sub', 'a1 sub'],
    ['police_17_lite', 'a1 lite'],
    ['gate-sub', 'a2 main'],
    ['police_18', undefined],
    ['police_17_main', undefined],
    ['cam_a1_main', undefined],
    ['cam_A1', undefined],
    ['_sub', undefined],
    ['', undefined],
  ])('%s is %s', async (path, stream) => {
    expect(await found(path)).toBe(stream);
  });

  it('that a camera may be given always leads to that camera', async () => {
    const name = fc
      .stringMatching(/^[a-z][a-z0-9_-]{0,30}$/)
      .filter((text) => PathName.safeParse(text).success);
    await fc.assert(
      fc.asyncProperty(name, fc.constantFrom('', '_sub', '_lite'), async (given, suffix) => {
        const stream = await findNamedStream(`${given}${suffix}`, {
          cameraNamed: async (asked) => (asked === given ? CameraId.parse('mine') : undefined),
        });
        expect(stream).toEqual({ cameraId: 'mine', profile: suffix === '' ? 'main' : suffix.slice(1) });
      }),
    );
  });
});
