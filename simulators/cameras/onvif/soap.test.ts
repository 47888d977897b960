import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { child, parseEnvelope, SoapFault, text, writeFault } from './soap.ts';
import { matchesProbe } from './ws-discovery.ts';

describe('parseEnvelope', () => {
  it('reads action, parameters and header under any namespace prefix', () => {
    const request = parseEnvelope(
      '<?xml version="1.0"?><SOAP-ENV:Envelope xmlns:SOAP-ENV="a"><SOAP-ENV:Header><x:A xmlns:x="b" k="v"> t </x:A></SOAP-ENV:Header>' +
        '<SOAP-ENV:Body><trt:GetStreamUri xmlns:trt="c"><trt:ProfileToken> profile_sub </trt:ProfileToken></trt:GetStreamUri></SOAP-ENV:Body></SOAP-ENV:Envelope>',
    );
    expect(request.action).toBe('GetStreamUri');
    expect(text(request.parameters, 'ProfileToken')).toBe('profile_sub');
    expect(text(request.header, 'A')).toBe('t');
    expect(child(request.header, 'A')?.['@k']).toBe('v');
  });

  it('refuses a DTD, which could grow without bound', () => {
    const bomb =
      '<!DOCTYPE x [<!ENTITY a "aaaa">]><Envelope><Body><GetProfiles>&a;</GetProfiles></Body></Envelope>';
    expect(() => parseEnvelope(bomb)).toThrow(SoapFault);
  });

  it('answers any other text with a fault, never with another error', () => {
    const parts = [
      '<Envelope>',
      '</Envelope>',
      '<Body>',
      '</Body>',
      '<A b="c">',
      '</A>',
      '&lt;',
      '<![CDATA[',
      ']]>',
      '<',
      '<constructor/>',
      '__proto__',
    ];
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(fc.constantFrom(...parts)).map((all) => all.join('')),
        ),
        (xml) => {
          try {
            expect(parseEnvelope(xml).action).not.toBe('');
          } catch (error) {
            expect(error).toBeInstanceOf(SoapFault);
          }
        },
      ),
    );
  });

  it('writes faults with their subcodes nested and their reason escaped', () => {
    const xml = writeFault(new SoapFault('Sender', ['InvalidArgVal', 'NoProfile'], 'a < b'));
    expect(xml).toContain(
      '<s:Subcode><s:Value>ter:InvalidArgVal</s:Value><s:Subcode><s:Value>ter:NoProfile</s:Value></s:Subcode></s:Subcode>',
    );
    expect(xml).toContain('a &lt; b');
  });
});

describe('matchesProbe', () => {
  const probe = (types: string, scopes = '') =>
    parseEnvelope(
      `<Envelope><Body><Probe><Types>${types}</Types><Scopes>${scopes}</Scopes></Probe></Body></Envelope>`,
    );
  const scopes = ['onvif://www.onvif.org/name/GATE', 'onvif://www.onvif.org/type/video_encoder'];

  it('answers probes for its type, for any type, and for scopes that it lies in', () => {
    expect(matchesProbe(probe('dn:NetworkVideoTransmitter'), scopes)).toBe(true);
    expect(matchesProbe(probe('tds:Device'), scopes)).toBe(true);
    expect(matchesProbe(probe(''), scopes)).toBe(true);
    expect(matchesProbe(probe('', 'onvif://www.onvif.org/name'), scopes)).toBe(true);
    expect(
      matchesProbe(probe('', 'onvif://www.onvif.org/name/GATE onvif://www.onvif.org/type/'), scopes),
    ).toBe(true);
  });

  it('leaves probes for others alone', () => {
    expect(matchesProbe(probe('p:Printer'), scopes)).toBe(false);
    expect(matchesProbe(probe('', 'onvif://www.onvif.org/name/GA'), scopes)).toBe(false);
    expect(matchesProbe(probe('', 'onvif://www.onvif.org/name/YARD'), scopes)).toBe(false);
  });
});
