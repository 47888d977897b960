import { createServer } from 'node:http';
import { createServer as createTcpServer, type Server } from 'node:net';
import { type CameraId, HOME_TENANT } from '@vedette/contracts';
import { AddressRules, silentLog, systemClock } from '@vedette/runtime';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { WsDiscovery } from '../../../../../simulators/cameras/onvif/ws-discovery.ts';
import { eventually } from '../../../../../tests/support/eventually.ts';
import { addressesOfRanges } from './address-ranges.ts';
import { scanAddresses } from './address-scanner.ts';
import { deviceAddress } from './device-address.ts';
import { probeMessage, readProbeMatches } from './discovery-message.ts';
import { DiscoveryService, knownHostsOf } from './discovery-service.ts';
import { ipv4Interfaces, probeNetwork } from './multicast-prober.ts';

const ID = '4f2c1a5e-0000-4000-8000-000000000001';
const answer = (inner: string) =>
  `<SOAP-ENV:Envelope><SOAP-ENV:Header><wsa:RelatesTo>uuid:${ID.toUpperCase()}</wsa:RelatesTo></SOAP-ENV:Header>` +
  `<SOAP-ENV:Body><wsdd:ProbeMatches><wsdd:ProbeMatch>${inner}</wsdd:ProbeMatch></wsdd:ProbeMatches></SOAP-ENV:Body></SOAP-ENV:Envelope>`;

describe('readProbeMatches', () => {
  const ours = new Set([ID]);

  it('reads name, model, place and addresses, whatever the prefixes', () => {
    const xml = answer(
      '<wsa:EndpointReference><wsa:Address>urn:uuid:abc</wsa:Address></wsa:EndpointReference>' +
        '<wsdd:Scopes>onvif://www.onvif.org/type/video_encoder onvif://www.onvif.org/name/Gate%20North ' +
        'onvif://www.onvif.org/hardware/M5525-E onvif://www.onvif.org/location/country/germany</wsdd:Scopes>' +
        '<wsdd:XAddrs>http://192.168.1.9/onvif/device_service?a=1&amp;b=2 http://[fe80::1]/onvif</wsdd:XAddrs>',
    );
    expect(readProbeMatches(xml, ours)).toEqual([
      {
        endpoint: 'urn:uuid:abc',
        addresses: ['http://192.168.1.9/onvif/device_service?a=1&b=2', 'http://[fe80::1]/onvif'],
        name: 'Gate North',
        model: 'M5525-E',
        location: 'country/germany',
      },
    ]);
  });

  it('takes nothing that does not answer a probe of ours', () => {
    expect(readProbeMatches(answer(''), new Set(['another']))).toEqual([]);
    expect(readProbeMatches('not xml', ours)).toEqual([]);
  });

  it('never throws, whatever comes', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 300 }), (text) => {
        expect(Array.isArray(readProbeMatches(answer(text), ours))).toBe(true);
      }),
    );
  });
});

describe('deviceAddress', () => {
  const network = { address: '10.1.0.5', prefix: 24 };
  it.each([
    [['http://169.254.3.3/x', 'http://10.1.0.40:8080/x'], '10.1.0.77', { host: '10.1.0.40', port: 8080 }],
    [['http://[2001:db8::1]/x', 'http://172.16.0.9/x'], '10.1.0.77', { host: '172.16.0.9', port: 80 }],
    [['http://10.1.0.40/x', 'http://10.1.0.77:81/x'], '10.1.0.77', { host: '10.1.0.77', port: 81 }],
    [['http://0.0.0.0:8000/onvif'], '10.1.0.77', { host: '10.1.0.77', port: 8000 }],
    [[], '10.1.0.77', { host: '10.1.0.77', port: 80 }],
  ])('of %j seen from %s is %j', (addresses, sender, expected) => {
    expect(deviceAddress(addresses, sender, network)).toEqual(expected);
  });
});

describe('addressesOfRanges', () => {
  it('counts up addresses, networks and ranges, each address once', () => {
    const found = addressesOfRanges(['10.0.0.0/30', '10.0.0.2-10.0.0.4', '10.0.0.9'], ['10.0.0.0/24']);
    const addresses = ['10.0.0.1', '10.0.0.2', '10.0.0.3', '10.0.0.4', '10.0.0.9'];
    expect(found).toEqual({ ok: true, addresses });
  });

  it.each([
    ['10.0.1.1', 'SCAN_NETWORKS'],
    ['10.0.0.250-10.0.1.3', 'SCAN_NETWORKS'],
    ['10.0.0.0/8', 'more than 4096'],
    ['10.0.0.9-10.0.0.3', 'give an address'],
    ['example.org', 'give an address'],
    ['10.0.0.1/33', 'give an address'],
  ])('refuses %s, and says why', (range, why) => {
    const refused = addressesOfRanges([range], ['10.0.0.0/24']);
    expect(refused).toMatchObject({ ok: false, fields: [{ path: 'ranges.0' }] });
    expect(JSON.stringify(refused)).toContain(why);
  });

  it('allows nothing where no network was allowed', () => {
    expect(addressesOfRanges(['10.0.0.1'], []).ok).toBe(false);
  });
});

describe('scanAddresses', () => {
  const servers: Server[] = [];
  afterEach(() => {
    for (const server of servers.splice(0)) server.close();
  });
  const listen = (server: Server, host: string, port: number) =>
    new Promise<boolean>((resolve) => {
      server.once('error', () => resolve(false));
      server.listen(port, host, () => {
        servers.push(server);
        resolve(true);
      });
    });

  it('finds an ONVIF service and an RTSP server, and nothing where nothing or something else is', async () => {
    const onvif = createServer((_, response) =>
      response.end('<s:Envelope><GetSystemDateAndTimeResponse/></s:Envelope>'),
    );
    const web = createServer((_, response) => response.end('<html>a printer</html>'));
    const rtsp = createTcpServer((socket) =>
      socket.once('data', () => socket.end('RTSP/1.0 200 OK\r\nCSeq: 1\r\n\r\n')),
    );
    const there = await Promise.all([
      listen(onvif, '127.7.7.1', 8899),
      listen(web, '127.7.7.2', 8899),
      listen(rtsp, '127.7.7.3', 554),
    ]);
    expect(there).toEqual([true, true, true]);
    const found: string[] = [];
    let tried = 0;
    await scanAddresses(['127.7.7.1', '127.7.7.2', '127.7.7.3', '127.7.7.4'], {
      rules: new AddressRules({ networks: ['127.7.7.0/24'], ownAddresses: () => [], ownPorts: [] }),
      clock: systemClock,
      signal: AbortSignal.timeout(10_000),
      onFound: (kind, { host, port }) => found.push(`${kind} ${host}:${port}`),
      onTried: () => {
        tried += 1;
      },
    });
    expect(found.sort()).toEqual(['onvif 127.7.7.1:8899', 'rtsp 127.7.7.3:554']);
    expect(tried).toBe(4);
  });
});

describe('DiscoveryService', () => {
  const rules = new AddressRules({
    networks: ['127.0.0.0/8', '10.0.0.0/8'],
    ownAddresses: () => [],
    ownPorts: [],
  });
  const network = { name: 'lan', address: '10.0.0.2', prefix: 24 };
  const service = (change: Partial<ConstructorParameters<typeof DiscoveryService>[0]> = {}) =>
    new DiscoveryService({
      interfaces: () => [network],
      probeNetwork: async () => undefined,
      scanAddresses: async () => undefined,
      scanNetworks: ['10.0.0.0/24'],
      rules,
      knownHosts: async () => knownHostsOf([{ id: 'c1' as CameraId, hosts: ['10.0.0.7'] }]),
      clock: systemClock,
      ...change,
    });
  const match = { addresses: [], name: 'Gate', model: 'M1', location: null };

  it('tells each device once, what it is called, and which cameras are known there', async () => {
    const discoveries = service({
      probeNetwork: async (_, { onMatch }) => {
        onMatch({ ...match, endpoint: 'urn:uuid:1' }, { host: '10.0.0.7', port: 80 });
        onMatch({ ...match, endpoint: 'urn:uuid:1' }, { host: '192.168.0.7', port: 80 });
        onMatch({ ...match, endpoint: 'urn:uuid:2' }, { host: '10.0.0.8', port: 80 });
        onMatch({ ...match, endpoint: 'urn:uuid:3' }, { host: '169.254.169.254', port: 80 });
      },
      scanAddresses: async (addresses, { onFound, onTried }) => {
        for (const _ of addresses) onTried();
        onFound('onvif', { host: '10.0.0.7', port: 80 });
      },
    });
    const { id, total } = await discoveries.begin(HOME_TENANT, { ranges: ['10.0.0.7'] });
    expect(total).toBe(1);
    await eventually('the search is over', () => discoveries.get(HOME_TENANT, id)?.state === 'done');
    expect(discoveries.get(HOME_TENANT, id)).toMatchObject({
      tried: 1,
      notes: [],
      found: [
        { host: '10.0.0.7', name: 'Gate', known: ['c1'] },
        { host: '10.0.0.8', name: 'Gate', known: [] },
      ],
    });
  });

  it('says which network could not be asked, and goes on with the others', async () => {
    const discoveries = service({ probeNetwork: () => Promise.reject(new Error('EPERM')) });
    const { id } = await discoveries.begin(HOME_TENANT, { ranges: [] });
    await eventually('the search is over', () => discoveries.get(HOME_TENANT, id)?.state === 'done');
    expect(discoveries.get(HOME_TENANT, id)?.notes).toEqual(['lan (10.0.0.2) cannot be asked by multicast.']);
  });

  it('is called off at once, refuses a third search at the same time, and interfaces that are not there', async () => {
    const discoveries = service({
      probeNetwork: (_, { signal }) =>
        new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
    });
    const first = await discoveries.begin(HOME_TENANT, { ranges: [] });
    await discoveries.begin(HOME_TENANT, { ranges: [] });
    await expect(discoveries.begin(HOME_TENANT, { ranges: [] })).rejects.toMatchObject({
      code: 'rate_limited',
    });
    await expect(discoveries.begin(HOME_TENANT, { interfaces: ['wlan9'], ranges: [] })).rejects.toMatchObject(
      {
        code: 'invalid_request',
      },
    );
    expect(discoveries.cancel(HOME_TENANT, first.id)).toBe(true);
    await eventually('it is over', () => discoveries.get(HOME_TENANT, first.id)?.state === 'cancelled');
    discoveries.close();
  });

  it('finds a simulated camera by real multicast', async (context) => {
    const camera = { name: 'Gate', endpoint: 'urn:uuid:77', port: 8123 };
    const responder = new WsDiscovery({ bind: '0.0.0.0', cameras: () => [camera], log: silentLog() });
    const [own] = ipv4Interfaces().filter(({ name }) => name !== 'lo');
    if (own === undefined || !(await responder.open())) return context.skip('this machine has no multicast');
    const cancel = new AbortController();
    try {
      const found = Promise.withResolvers<number>();
      const probing = probeNetwork(own, {
        clock: systemClock,
        signal: cancel.signal,
        onMatch: ({ endpoint }, { port }) => {
          if (endpoint === camera.endpoint) found.resolve(port);
        },
      }).catch(() => undefined);
      expect(await found.promise).toBe(camera.port);
      cancel.abort();
      await probing;
    } finally {
      responder.close();
    }
    expect(probeMessage(ID, true)).toContain('NetworkVideoTransmitter');
  });
});
