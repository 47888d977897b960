import { AddressRules } from '@vedette/runtime';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addressesOf } from './source-address.ts';

const rtsp = (url: string) => addressesOf({ kind: 'rtsp', url, transport: 'tcp' });
const onvif = (host: string) => addressesOf({ kind: 'onvif', host, port: 80, transport: 'tcp' });

describe('the addresses of a source', () => {
  it.each([
    ['rtsp://10.0.0.2/main', '10.0.0.2', 554],
    ['RTSP://camera.lan:8554/a?b=c&d=e', 'camera.lan', 8554],
    ['rtsp://[fd00::2]:554/x', 'fd00::2', 554],
    ['rtsp://10.0.0.2', '10.0.0.2', 554],
    ['rtsp://10.0.0.2/user=admin&password=&channel=1', '10.0.0.2', 554],
    // one address to every resolver, so it is judged as that
    ['rtsp://127.1/x', '127.0.0.1', 554],
    ['rtsp://0x7f000001/x', '127.0.0.1', 554],
    ['rtsp://2130706433/x', '127.0.0.1', 554],
    ['rtsp://0177.0.0.1/x', '127.0.0.1', 554],
  ])('%s leads to %s port %i', (url, host, port) => {
    expect(rtsp(url)).toEqual({ ok: true, addresses: [{ field: 'url', by: 'camera', host, port }] });
  });

  it.each([
    ['http://10.0.0.2/x', /begin with rtsp/],
    ['file:///etc/passwd', /begin with rtsp/],
    ['javascript:alert(1)', /begin with rtsp/],
    ['rtsp:/10.0.0.2', /begin with rtsp/],
    ['', /begin with rtsp/],
    ['rtsp://user:pw@10.0.0.2/x', /fields username and password/],
    ['rtsp://user@10.0.0.2/x', /fields username and password/],
    ['rtsp://user:p@ss@10.0.0.2/x', /fields username and password/],
    ['rtsp://user:p#ss@10.0.0.2/x', /fields username and password/],
    ['rtsp://10.0.0.2/x?user=a&password=b', /fields username and password/],
    ['rtsp://10.0.0.2/user=admin_password=secret_channel=1', /fields username and password/],
    ['rtsp:///x', /names no host/],
    ['rtsp://10.0.0.2:99999/x', /not a URL/],
    ['rtsp://10.0.0.2/a b', /blanks/],
    ['rtsp://10.0.0.2/a\r\nHost: b', /blanks/],
    ['rtsp://10.0.0.2/x#y', /#/],
    ['rtsp://exa mple/x', /blanks/],
    ['rtsp://ex%41mple/x', /names no host/],
  ])('%s is refused', (url, message) => {
    expect(rtsp(url)).toEqual({
      ok: false,
      fields: [{ path: 'source.url', message: expect.stringMatching(message) }],
    });
  });

  it('judges the sub stream and an ONVIF host likewise', () => {
    const sub = addressesOf({ kind: 'rtsp', url: 'rtsp://a/', subUrl: 'http://b/', transport: 'tcp' });
    expect(sub).toMatchObject({ ok: false, fields: [{ path: 'source.subUrl' }] });
    expect(onvif('camera-1.lan')).toMatchObject({ ok: true });
    for (const host of ['http://camera', 'a/b', 'user@camera', 'a:80', 'a b', '[::1]', '%6c'])
      expect(onvif(host)).toMatchObject({ ok: false, fields: [{ path: 'source.host' }] });
  });

  it('never throws, whatever it is given', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.string().map((rest) => `rtsp://${rest}`),
        ),
        (text) => {
          expect(typeof rtsp(text).ok).toBe('boolean');
          expect(typeof onvif(text).ok).toBe('boolean');
        },
      ),
    );
  });
});

describe('where sources may be', () => {
  const byDefault = new AddressRules({
    networks: undefined,
    ownAddresses: () => ['192.168.1.5'],
    ownPorts: [8080],
  });

  it.each(['10.0.0.2', '192.168.1.9', '8.8.8.8', 'fd00::2', '2001:db8::1'])('%s may be one', (address) => {
    expect(byDefault.refusal(address, 554)).toBeUndefined();
  });

  it.each([
    '127.0.0.1',
    '127.9.9.9',
    '0.0.0.0',
    '169.254.169.254',
    '224.0.0.1',
    '255.255.255.255',
    '::1',
    '::',
    'fe80::1',
    'ff02::1',
    'fd00:ec2::254',
    '::ffff:127.0.0.1',
    '::ffff:7f00:1',
    '::ffff:169.254.169.254',
    'not an address',
  ])('%s may not', (address) => {
    expect(byDefault.refusal(address, 554)).toEqual(expect.any(String));
  });

  it('is the named networks and nothing else, when some are named', () => {
    const named = new AddressRules({
      networks: ['127.0.0.0/8', 'fd00::/8'],
      ownAddresses: () => [],
      ownPorts: [8080],
    });
    expect(named.refusal('127.0.0.1', 9101)).toBeUndefined();
    expect(named.refusal('::ffff:127.0.0.1', 9101)).toBeUndefined();
    expect(named.refusal('fd12::1', 554)).toBeUndefined();
    expect(named.refusal('10.0.0.1', 554)).toMatch(/SOURCE_NETWORKS/);
    expect(named.refusal('127.0.0.1', 8080)).toMatch(/Vedette itself/);
  });

  it('is never a port of our own', () => {
    expect(byDefault.refusal('192.168.1.5', 8080)).toMatch(/Vedette itself/);
    expect(byDefault.refusal('192.168.1.5', 554)).toBeUndefined();
    expect(byDefault.refusal('192.168.1.6', 8080)).toBeUndefined();
  });
});
