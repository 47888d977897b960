// ONVIF devices with odd ideas of time and of their own address: media-quirks (f).
import { describe, expect, test } from 'vitest';
import { readOnvif } from '../../apps/control-plane/src/registry/onvif/onvif-reader.ts';
import {
  ONVIF_CREDENTIALS,
  type OnvifScript,
  ScriptedOnvif,
} from '../../simulators/testing/scripted-onvif.ts';

const HOUR_MS = 3_600_000;

async function read(script: OnvifScript, host = '127.0.0.1') {
  await using device = await ScriptedOnvif.start(script);
  const target = { host, address: '127.0.0.1', port: device.port, ...ONVIF_CREDENTIALS };
  const reading = await readOnvif(target, AbortSignal.timeout(8000));
  return { reading, device };
}

describe('the clock of a camera', () => {
  test('it is asked first, without a password, and what follows is signed in its time', async () => {
    const { device, reading } = await read({ clockOffsetMs: -30 * 24 * HOUR_MS });
    expect(device.granted[0]).toBe('GetSystemDateAndTime');
    expect(device.refused).toEqual([]);
    expect(reading.device?.manufacturer).toBe('Vedette');
  });

  test('one that is told only with a password is asked again with it', async () => {
    const { device, reading } = await read({ timeNeedsPassword: true });
    expect(device.refused).toContain('GetSystemDateAndTime');
    expect(reading.profiles.length).toBeGreaterThan(0);
  });

  test('local time told as UTC: what is refused in the told time is signed again in ours', async () => {
    const { device, reading } = await read({ toldOffsetMs: 2 * HOUR_MS });
    expect(device.refused.length).toBeGreaterThan(0);
    expect(reading.device?.manufacturer).toBe('Vedette');
  });
});

describe('the addresses that a camera tells', () => {
  test('services and streams are reached at the host that answered, with their own paths', async () => {
    const { reading } = await read(
      {
        claims: 'http://192.0.2.77',
        streamUri: (profile) => `rtsp://192.0.2.77:8554/live/${profile}?channel=1&subtype=0`,
      },
      'camera.example',
    );
    expect(reading.profiles.map(({ url }) => url)).toContain(
      'rtsp://camera.example:8554/live/main?channel=1&subtype=0',
    );
  });
});
