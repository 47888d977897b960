// The simulated cameras over ONVIF: as the npm client, WS-Discovery and plain HTTP see them.
import { createHash } from 'node:crypto';
import type { SimulatedCamera, Simulator } from '@vedette/simulators';
import onvif from 'onvif';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseParameters } from '../../simulators/cameras/rtsp/digest-auth.ts';
import {
  callOnvif,
  cameraOf,
  connectOnvif,
  PASSWORD,
  startTestSimulator,
} from '../../simulators/testing/simulator-kit.ts';

describe('a simulated camera over ONVIF', () => {
  let simulator: Simulator;
  let camera: SimulatedCamera;
  beforeAll(async () => {
    simulator = await startTestSimulator({ discovery: true, cameras: 3 });
    camera = cameraOf(simulator);
  });
  afterAll(() => simulator.close());

  it('lets the client connect and tells profiles and stream addresses', async () => {
    const cam = await connectOnvif(camera);
    expect(cam['profiles']).toMatchObject([
      {
        $: { token: 'profile_main' },
        videoEncoderConfiguration: {
          encoding: 'H264',
          resolution: { width: 1280, height: 720 },
          H264: { govLength: 30 },
        },
      },
      { $: { token: 'profile_sub' }, videoEncoderConfiguration: { resolution: { width: 320, height: 180 } } },
    ]);
    for (const profile of ['main', 'sub'] as const) {
      const answer = await callOnvif(cam, 'getStreamUri', {
        protocol: 'RTSP',
        profileToken: `profile_${profile}`,
      });
      expect(answer).toMatchObject({ uri: camera.rtspUrl(profile) });
    }
    expect(await callOnvif(cam, 'getDeviceInformation')).toMatchObject({ manufacturer: 'Vedette' });
    expect(await callOnvif(cam, 'getCapabilities')).toMatchObject({
      media: { XAddr: expect.stringContaining('/onvif/media_service') },
    });
    await expect(callOnvif(cam, 'getStreamUri', { profileToken: 'other' })).rejects.toThrow(
      'no such profile',
    );
    await expect(callOnvif(cam, 'getUsers')).rejects.toThrow('not supported');
  });

  it('tells the time to everybody and the rest only to those who sign', async () => {
    const stranger = await connectOnvif(camera, 'wrong');
    expect(stranger['profiles']).toEqual([]);
    await expect(callOnvif(stranger, 'getProfiles')).rejects.toThrow('not authorized');
    await expect(callOnvif(stranger, 'getDeviceInformation')).rejects.toThrow('not authorized');
    const at = await callOnvif(stranger, 'getSystemDateAndTime');
    expect(Math.abs(Date.now() - Number(at))).toBeLessThan(3000);
  });

  it('answers bad SOAP with a fault and oversized bodies with 413', async () => {
    const post = (body: string) =>
      fetch(`http://127.0.0.1:${camera.onvif.port}/onvif/device_service`, { method: 'POST', body });
    const fault = await post('<!DOCTYPE a><Envelope/>');
    expect([fault.status, await fault.text()]).toEqual([400, expect.stringContaining('ter:WellFormed')]);
    expect((await post('x'.repeat(100_000))).status).toBe(413);
    expect((await fetch(`http://127.0.0.1:${camera.onvif.port}/onvif/device_service`)).status).toBe(405);
  });

  it('gives its snapshot to those who sign by HTTP digest', async () => {
    const answer = await callOnvif(await connectOnvif(camera), 'getSnapshotUri', {});
    const { uri } = answer as { uri: string };
    const refused = await fetch(uri);
    expect(refused.status).toBe(401);
    const challenge = parseParameters(
      /Digest (.*MD5)/.exec(refused.headers.get('www-authenticate') ?? '')?.[1] ?? '',
    );
    const hash = (text: string) => createHash('md5').update(text).digest('hex');
    const path = new URL(uri).pathname;
    const a1 = hash(`vedette:${challenge.get('realm')}:${PASSWORD}`);
    const response = hash(`${a1}:${challenge.get('nonce')}:${hash(`GET:${path}`)}`);
    const authorization = `Digest username="vedette", realm="${challenge.get('realm')}", nonce="${challenge.get('nonce')}", uri="${path}", response="${response}"`;
    const granted = await fetch(uri, { headers: { authorization } });
    expect([granted.status, granted.headers.get('content-type')]).toEqual([200, 'image/jpeg']);
    expect(Buffer.from(await granted.arrayBuffer()).subarray(0, 3)).toEqual(Buffer.of(0xff, 0xd8, 0xff));
  });

  it('is found by WS-Discovery, each camera by itself', async ({ skip }) => {
    skip(!simulator.discovering, 'this machine has no multicast');
    const found = await new Promise<unknown>((resolve, reject) => {
      onvif.Discovery.probe({ timeout: 600, device: 'lo', resolve: false }, (error, cams) =>
        error instanceof Error ? reject(error) : resolve(cams),
      );
    });
    const addresses = JSON.stringify(found).match(/http:[^" ]+/g);
    const expected = simulator.cameras.map(
      ({ onvif: at }) => `http://127.0.0.1:${at.port}/onvif/device_service`,
    );
    expect(addresses).toEqual(expect.arrayContaining(expected));
  });
});
