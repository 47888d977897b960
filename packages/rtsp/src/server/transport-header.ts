/** What a client asks for in SETUP (RFC 2326 section 12.39), as far as we serve it. */
export type AskedTransport =
  | {
      readonly kind: 'interleaved';
      readonly channels: readonly [number, number] | undefined;
      readonly record: boolean;
    }
  | { readonly kind: 'udp'; readonly ports: readonly [number, number]; readonly record: boolean };

/** The first of the offered transports that can be served; undefined when none can. */
export function readTransport(header: string): AskedTransport | undefined {
  for (const offer of header.split(',')) {
    const parameters = offer.split(';').map((part) => part.trim());
    const [profile = ''] = parameters;
    if (
      !/^RTP\/AVP(?:\/(?:UDP|TCP))?$/i.test(profile) ||
      parameters.some((part) => /^multicast$/i.test(part))
    )
      continue;
    const record = parameters.some((part) => /^mode\s*=\s*"?(?:record|receive)"?$/i.test(part));
    const pair = (name: string) => pairOf(parameters, name);
    if (/TCP$/i.test(profile) || pair('interleaved') !== undefined)
      return { kind: 'interleaved', channels: pair('interleaved'), record };
    const ports = pair('client_port');
    if (ports !== undefined) return { kind: 'udp', ports, record };
  }
  return undefined;
}

function pairOf(parameters: readonly string[], name: string): readonly [number, number] | undefined {
  for (const parameter of parameters) {
    const [, first, second] =
      new RegExp(`^${name}\\s*=\\s*(\\d+)(?:\\s*-\\s*(\\d+))?$`, 'i').exec(parameter) ?? [];
    if (first === undefined) continue;
    const low = Number(first);
    return low > 65_534 ? undefined : [low, second === undefined ? low + 1 : Number(second)];
  }
  return undefined;
}
