import type { Discovery, FoundDevice } from '@vedette/contracts';
import { describe, expect, it } from 'vitest';
import {
  cameraOf,
  deviceKey,
  deviceName,
  interfacesByName,
  rangeErrors,
  rangesOf,
  requestOf,
  searchShare,
  searchWords,
} from './found-words.ts';

const device: FoundDevice = {
  kind: 'onvif',
  host: '10.0.0.7',
  port: 8000,
  name: 'North gate',
  model: 'P-1',
  location: null,
  known: [],
};
const search: Discovery = {
  id: 'd1',
  state: 'running',
  startedAt: '2026-11-20T00:00:00.000Z',
  tried: 0,
  total: 0,
  found: [device],
  notes: [],
};

describe('a device that was found', () => {
  it('becomes an ONVIF camera with its own name, and with credentials where some were given', () => {
    expect(cameraOf(device, { username: 'view', password: 'secret' })).toMatchObject({
      name: 'North gate',
      source: { kind: 'onvif', host: '10.0.0.7', port: 8000, username: 'view', password: 'secret' },
    });
    const { source } = cameraOf(device, { username: '', password: '' });
    expect(source).not.toHaveProperty('username');
    expect(source).not.toHaveProperty('password');
  });

  it('is called by its model, and else by its host, when it tells no name', () => {
    expect(deviceName({ ...device, name: null })).toBe('P-1');
    expect(deviceName({ ...device, name: ' ', model: null })).toBe('10.0.0.7');
    expect(deviceName({ ...device, name: 'x'.repeat(300) })).toHaveLength(200);
  });

  it('is told from another on the same host by its port, IPv6 in brackets', () => {
    expect(deviceKey(device)).toBe('10.0.0.7:8000');
    expect(deviceKey({ host: 'fe80::1', port: 80 })).toBe('[fe80::1]:80');
  });
});

describe('where to search', () => {
  it('lists an interface once, with all of its addresses', () => {
    const both = [
      { name: 'eth0', address: '10.0.0.2' },
      { name: 'lo', address: '127.0.0.1' },
      { name: 'eth0', address: '10.1.0.2' },
    ];
    expect(interfacesByName(both)).toEqual([
      { name: 'eth0', addresses: ['10.0.0.2', '10.1.0.2'] },
      { name: 'lo', addresses: ['127.0.0.1'] },
    ]);
  });

  it('takes ranges by line and by comma, and is nothing when nothing is chosen', () => {
    expect(rangesOf(' 10.0.0.0/24,\n10.0.1.5-10.0.1.9 \n\n')).toEqual(['10.0.0.0/24', '10.0.1.5-10.0.1.9']);
    expect(requestOf({ interfaces: [], ranges: ' \n' })).toBeUndefined();
    expect(requestOf({ interfaces: [], ranges: '10.0.0.7' })).toEqual({
      interfaces: [],
      ranges: ['10.0.0.7'],
    });
  });

  it('names the range that is wrong', () => {
    const errors = new Map([
      ['ranges.1', 'Is outside the networks of SCAN_NETWORKS.'],
      ['interfaces', 'Not here.'],
    ]);
    expect(rangeErrors(errors, ['10.0.0.1', '8.8.8.8'])).toEqual([
      '8.8.8.8: Is outside the networks of SCAN_NETWORKS.',
    ]);
  });
});

describe('how far a search is', () => {
  it('is counted in addresses as long as any are left to try, and open while answers may come', () => {
    expect(searchShare({ ...search, tried: 64, total: 256 })).toBe(0.25);
    expect(searchWords({ ...search, tried: 64, total: 256 })).toBe(
      '64 of 256 addresses tried, 1 device so far',
    );
    expect(searchShare({ ...search, tried: 256, total: 256 })).toBeUndefined();
    expect(searchShare(search)).toBeUndefined();
    expect(searchWords(search)).toBe('Waiting for answers, 1 device so far');
  });

  it('is the end once it is done or called off', () => {
    expect(searchShare({ ...search, state: 'cancelled', tried: 1, total: 9 })).toBe(1);
    expect(searchWords({ ...search, state: 'done' })).toBe('Done: 1 device answered');
    expect(searchWords({ ...search, state: 'cancelled', tried: 1, total: 9, found: [] })).toBe(
      'Called off: 1 of 9 addresses tried, 0 devices answered before',
    );
  });
});
