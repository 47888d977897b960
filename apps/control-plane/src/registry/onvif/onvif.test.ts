import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chooseProfiles, type OnvifProfile } from './choose-profiles.ts';
import { deviceOf } from './device-information.ts';
import { onvifFailure } from './onvif-failure.ts';
import { usableSnapshotUri, usableStreamUri } from './stream-uri.ts';

const profile = (token: string, width: number, height: number, codec = 'h264'): OnvifProfile => ({
  token,
  codec,
  width,
  height,
  frameRate: 15,
  bitrateKbps: null,
  hasAudio: false,
});
const chosen = (...profiles: OnvifProfile[]) =>
  chooseProfiles(profiles).map(({ name, profile: { token } }) => `${name}=${token}`);

describe('choosing profiles', () => {
  it('takes the largest picture as main and the smallest as sub', () => {
    const all = [
      profile('c', 640, 360),
      profile('a', 1920, 1080),
      profile('d', 320, 180),
      profile('b', 1280, 720),
    ];
    expect(chosen(...all)).toEqual(['main=a', 'sub=d']);
  });

  it('takes the first of several of one size, and no sub of the size of main', () => {
    expect(chosen(profile('a', 1280, 720), profile('b', 1280, 720))).toEqual(['main=a']);
    expect(chosen(profile('a', 640, 360), profile('m', 1280, 720), profile('b', 640, 360))).toEqual([
      'main=m',
      'sub=a',
    ]);
  });

  it('keeps to what somebody has chosen by hand, as long as the device offers it', () => {
    const all = [profile('a', 1920, 1080), profile('b', 1280, 720), profile('c', 640, 360)];
    const by = (main: string, sub: string | null) =>
      chooseProfiles(all, { main, sub }).map(({ name, profile: { token } }) => `${name}=${token}`);
    expect(by('b', 'a')).toEqual(['main=b', 'sub=a']);
    expect(by('b', null)).toEqual(['main=b']);
    expect(by('b', 'gone')).toEqual(['main=b']);
    expect(by('gone', 'c')).toEqual(['main=a', 'sub=c']);
  });

  it('leaves out what no browser plays, unless there is nothing else', () => {
    expect(chosen(profile('j', 3840, 2160, 'jpeg'), profile('h', 1280, 720, 'h265'))).toEqual(['main=h']);
    expect(chosen(profile('j', 640, 480, 'jpeg'))).toEqual(['main=j']);
    expect(chosen()).toEqual([]);
  });
});

describe('a stream address of a device', () => {
  it.each([
    ['rtsp://192.168.1.10:554/Streaming/101?a=b', 'rtsp://10.0.0.2:554/Streaming/101?a=b'],
    ['rtsp://192.168.1.10/main', 'rtsp://10.0.0.2:554/main'],
    ['rtsp://admin:pw@192.168.1.10:8554/x', 'rtsp://10.0.0.2:8554/x'],
    ['rtsp://0.0.0.0:554/x?a=1&amp;b=2', 'rtsp://10.0.0.2:554/x?a=1&b=2'],
    [' rtsp://[fe80::1]:554/x\r\n', 'rtsp://10.0.0.2:554/x'],
    ['rtsp://192.168.1.10?profile=1', 'rtsp://10.0.0.2:554/?profile=1'],
  ])('%s is used as %s', (answered, used) => {
    expect(usableStreamUri(answered, '10.0.0.2')).toBe(used);
  });

  it('is nothing when it is no RTSP address', () => {
    for (const answered of ['', 'http://a/b', 'undefined', 'rtsp:', 'rtsp://a:99999/x'])
      expect(usableStreamUri(answered, '10.0.0.2')).toBeUndefined();
  });

  it('puts brackets around an IPv6 address', () => {
    expect(usableStreamUri('rtsp://a:1/x', 'fd00::2')).toBe('rtsp://[fd00::2]:1/x');
  });

  it('always leads to the host that was reached, whatever the device answers', () => {
    fc.assert(
      fc.property(fc.string(), (rest) => {
        const used = usableStreamUri(`rtsp://${rest}`, '10.0.0.2');
        if (used !== undefined) expect(new URL(used).hostname).toBe('10.0.0.2');
      }),
    );
  });
});

describe('a snapshot address of a device', () => {
  it.each([
    ['http://192.168.1.10/snap.jpg?a=1&amp;b=2', 'http://10.0.0.2/snap.jpg?a=1&b=2'],
    ['http://admin:pw@192.168.1.10:8080/snap', 'http://10.0.0.2:8080/snap'],
    ['HTTPS://camera.local/snap', 'https://10.0.0.2/snap'],
  ])('%s is used as %s', (answered, used) => {
    expect(usableSnapshotUri(answered, '10.0.0.2')).toBe(used);
  });

  it('is nothing when it is no HTTP address', () => {
    for (const answered of ['', 'rtsp://a/b', 'file:///etc/passwd', 'ftp://a/b', 'http:', 'snap.jpg'])
      expect(usableSnapshotUri(answered, '10.0.0.2')).toBeUndefined();
  });

  it('always leads to the host that was reached, whatever the device answers', () => {
    fc.assert(
      fc.property(fc.string(), (rest) => {
        const used = usableSnapshotUri(`http://${rest}`, '10.0.0.2');
        if (used !== undefined) expect(new URL(used).hostname).toBe('10.0.0.2');
      }),
    );
  });
});

describe('what a device says of itself', () => {
  it('is read under any namespace prefix, and numbers stay text', () => {
    const xml =
      '<a:GetDeviceInformationResponse><a:Manufacturer>Acme &amp; Sons</a:Manufacturer><Model x="1">M&#49;</Model>' +
      '<tds:FirmwareVersion>1.10</tds:FirmwareVersion><tds:SerialNumber>007</tds:SerialNumber></a:GetDeviceInformationResponse>';
    expect(deviceOf(xml)).toEqual({
      manufacturer: 'Acme & Sons',
      model: 'M1',
      firmware: '1.10',
      serial: '007',
    });
  });

  it('is empty where it says nothing, and never long', () => {
    const xml = `<Model>${'x'.repeat(900)}</Model>`;
    expect(deviceOf(xml)).toEqual({ manufacturer: '', model: 'x'.repeat(200), firmware: '', serial: '' });
  });
});

describe('why asking a device failed', () => {
  const failed = (error: Error, xml?: string, status?: number) => {
    const { code, step } = onvifFailure(error, 'describe', xml, status);
    return `${code} at ${step}`;
  };
  it('is told from the socket, the status and the fault', () => {
    expect(failed(Object.assign(new Error(), { code: 'ECONNREFUSED' }))).toBe('camera_refused at connect');
    expect(failed(Object.assign(new Error(), { code: 'EHOSTUNREACH' }))).toBe(
      'camera_unreachable at describe',
    );
    expect(failed(new Error('Network timeout'))).toBe('camera_timeout at describe');
    expect(failed(new Error('Wrong ONVIF SOAP response'), '<html>', 401)).toBe(
      'camera_credentials_rejected at authenticate',
    );
    expect(failed(new Error('ONVIF SOAP Fault: Sender not Authorized'))).toBe(
      'camera_credentials_rejected at authenticate',
    );
    expect(failed(new Error('Wrong ONVIF SOAP response'), '<html>', 200)).toBe(
      'camera_protocol_error at describe',
    );
  });
});
