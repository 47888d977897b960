import { CameraId, PolicyTryRequest, UserId } from '@vedette/contracts';
import { describe, expect, it } from 'vitest';
import { EMPTY_TRY, tryRequestOf } from './try-form.ts';

const camera = { id: CameraId.parse('c1'), name: 'Gate' };

describe('the question what would happen if', () => {
  it('waits for a camera', () => {
    expect(tryRequestOf(EMPTY_TRY, undefined)).toBeUndefined();
  });

  it('leaves out what is not known', () => {
    const asked = tryRequestOf({ ...EMPTY_TRY, camera, width: '', udp: '', tiles: '' }, undefined);
    expect(asked?.request).toEqual({ capabilities: { webrtc: true, hls: true, h264: true } });
    expect(asked).not.toHaveProperty('rules');
    expect(asked).not.toHaveProperty('at');
  });

  it('is one that control understands, with rules that are not in force yet', () => {
    const asked = tryRequestOf(
      {
        ...EMPTY_TRY,
        camera,
        person: { id: UserId.parse('u1'), name: 'anna' },
        udp: 'no',
        rttMs: '40',
        address: '10.1.2.3',
        protocol: 'hls',
        at: '2026-11-21T05:00',
        nodeCpu: '0.9',
        viewers: '3',
      },
      [],
    );
    expect(PolicyTryRequest.safeParse(asked).error).toBeUndefined();
    expect(asked).toMatchObject({
      userId: 'u1',
      nodeCpu: 0.9,
      rules: [],
      request: { network: { udp: false } },
    });
  });
});
