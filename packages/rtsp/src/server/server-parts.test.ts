import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { presentedCredentials } from './credentials.ts';
import { framePackets, onChannel } from './frame-packets.ts';
import { readTransport } from './transport-header.ts';

const md5 = (text: string) => createHash('md5').update(text).digest('hex');

describe('credentials of a request', () => {
  const request = { method: 'DESCRIBE', nonce: 'n1' };
  const digest = (fields: Readonly<Record<string, string>>) =>
    `Digest ${Object.entries(fields)
      .map(([name, value]) => `${name}="${value}"`)
      .join(', ')}`;
  const signed = (uri: string, password = 'pä"ss', nonce = 'n1') => {
    const response = md5(`${md5(`ada:Vedette:${password}`)}:${nonce}:${md5(`DESCRIBE:${uri}`)}`);
    return digest({ username: 'ada', realm: 'Vedette', nonce, uri, response });
  };

  it('are name and password of Basic, a colon and all in the password', () => {
    const header = `Basic ${Buffer.from('ada:a:b ü').toString('base64')}`;
    expect(presentedCredentials(header, request)).toEqual({
      kind: 'basic',
      username: 'ada',
      password: 'a:b ü',
    });
  });

  it.each(['rtsp://host/live/trackID=0', 'rtsp://host/live/', 'rtsp://host/live'])(
    'match by Digest whatever address was signed: %s',
    (uri) => {
      const presented = presentedCredentials(signed(uri), request);
      if (presented.kind !== 'digest') throw new Error('no digest');
      expect(presented.username).toBe('ada');
      expect(presented.matches('pä"ss')).toBe(true);
      expect(presented.matches('other')).toBe(false);
    },
  );

  it('match with qop, a counter and the nonce of the client (RFC 2617 section 3.2.2.1)', () => {
    const uri = 'rtsp://host/live';
    const response = md5(`${md5('ada:Vedette:x')}:n1:00000001:c1:auth:${md5(`DESCRIBE:${uri}`)}`);
    const header = `${digest({ username: 'ada', realm: 'Vedette', nonce: 'n1', uri, response, cnonce: 'c1' })}, qop=auth, nc=00000001`;
    const presented = presentedCredentials(header, request);
    expect(presented.kind === 'digest' && presented.matches('x')).toBe(true);
  });

  it('are none where the nonce is of another connection, or the method another', () => {
    const uri = 'rtsp://host/live';
    expect(presentedCredentials(signed(uri, 'x', 'n2'), request).kind).toBe('none');
    const replayed = presentedCredentials(signed(uri), { ...request, method: 'ANNOUNCE' });
    expect(replayed.kind === 'digest' && replayed.matches('pä"ss')).toBe(false);
  });

  it.each([undefined, '', 'Basic', 'Basic !!!', 'Basic YWRh', 'Bearer x', 'Digest', 'Digest username="a"'])(
    'are none in %j',
    (header) => {
      expect(presentedCredentials(header, request)).toEqual({ kind: 'none' });
    },
  );

  it('never throw, whatever the header', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 200 }), (text) => {
        const presented = presentedCredentials(`Digest ${text}`, request);
        if (presented.kind === 'digest') presented.matches('x');
      }),
    );
  });
});

describe('the transport that a client asks for', () => {
  it.each<[string, object | undefined]>([
    ['RTP/AVP/TCP;unicast;interleaved=0-1', { kind: 'interleaved', channels: [0, 1], record: false }],
    ['RTP/AVP/TCP;unicast', { kind: 'interleaved', channels: undefined, record: false }],
    ['RTP/AVP/TCP;interleaved=7', { kind: 'interleaved', channels: [7, 8], record: false }],
    ['RTP/AVP;unicast;client_port=5000-5001', { kind: 'udp', ports: [5000, 5001], record: false }],
    [
      'RTP/AVP/UDP;unicast;client_port=5000-5001;mode=record',
      { kind: 'udp', ports: [5000, 5001], record: true },
    ],
    ['RTP/AVP/TCP;interleaved=0-1;mode="RECORD"', { kind: 'interleaved', channels: [0, 1], record: true }],
    [
      'RTP/AVP;multicast;port=1-2,RTP/SAVP;unicast,RTP/AVP/TCP;interleaved=2-3',
      { kind: 'interleaved', channels: [2, 3], record: false },
    ],
    ['RTP/AVP;multicast', undefined],
    ['RTP/AVP;unicast', undefined],
    ['RTP/AVP;unicast;client_port=65535-65536', undefined],
    ['', undefined],
  ])('%s', (header, expected) => {
    expect(readTransport(header)).toEqual(expected);
  });
});

describe('packets of a frame', () => {
  const batch = framePackets(1, [Buffer.from([1, 2]), Buffer.from([3])], true);

  it('stand one behind the other on their channels, and the packets are views of the same bytes', () => {
    expect([...batch.framed]).toEqual([0x24, 2, 0, 2, 1, 2, 0x24, 2, 0, 1, 3]);
    expect(batch.packets.every(({ buffer }) => buffer === batch.framed.buffer)).toBe(true);
  });

  it('go to a reader on the usual channel as they are, and are copied only for another', () => {
    expect(onChannel(batch, 2)).toBe(batch.framed);
    expect([...onChannel(batch, 9)]).toEqual([0x24, 9, 0, 2, 1, 2, 0x24, 9, 0, 1, 3]);
    expect(batch.framed[1]).toBe(2);
  });
});
