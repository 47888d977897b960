import { describe, expect, it } from 'vitest';
import { type EncoderPlace, encoderSettings } from './encoder-settings.ts';

const place: EncoderPlace = {
  via: 'rtsp',
  port: undefined,
  path: 'cam_a1',
  username: 'cam_a1',
  password: 'open-sesame',
  nodeUrl: 'https://media.example:8443/n/node-1/',
};
const values = (part: Partial<EncoderPlace>) =>
  encoderSettings({ ...place, ...part }).map(({ label, value }) => `${label}: ${value}`);

describe('what is entered in an encoder', () => {
  it('for RTSP is an address on the RTSP port of the node, a user name and a password', () => {
    expect(values({})).toEqual([
      'Address: rtsp://media.example:8554/cam_a1',
      'User name: cam_a1',
      'Password: open-sesame',
    ]);
  });

  it('for WHIP is an address below the public URL of the node, and the password as a token', () => {
    expect(values({ via: 'whip' })).toEqual([
      'Address: https://media.example:8443/n/node-1/whip/cam_a1',
      'Bearer token: open-sesame',
    ]);
  });

  it('for RTMP is a server that ends in /live, and one stream key of both name and password', () => {
    expect(values({ via: 'rtmp', port: 1935 })).toEqual([
      'Server: rtmp://media.example:1935/live',
      'Stream key: cam_a1-open-sesame',
    ]);
  });

  it('for SRT is an address and a passphrase, since SRT knows no user names', () => {
    expect(values({ via: 'srt', port: 9000 })).toEqual([
      'Address: srt://media.example:9000',
      'Passphrase: open-sesame',
    ]);
  });

  it.each(['rtsp', 'whip', 'rtmp', 'srt'] as const)(
    'for %s holds no secret line once it is not told any more',
    (via) => {
      expect(
        encoderSettings({ ...place, via, port: 1935, password: undefined }).filter((one) => one.isSecret),
      ).toEqual([]);
    },
  );

  it('keeps the brackets of an IPv6 node, and says so while no node is known', () => {
    expect(values({ nodeUrl: 'http://[2001:db8::1]:8081' })[0]).toBe(
      'Address: rtsp://[2001:db8::1]:8554/cam_a1',
    );
    expect(values({ nodeUrl: undefined, via: 'whip' })[0]).toBe('Address: http://NODE/whip/cam_a1');
  });
});
