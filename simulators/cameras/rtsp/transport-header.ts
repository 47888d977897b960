/** The way to send media that a client asked for and that we speak. */
export type WantedTransport =
  | { readonly kind: 'tcp'; readonly rtpChannel: number; readonly rtcpChannel: number }
  | { readonly kind: 'udp'; readonly rtpPort: number; readonly rtcpPort: number };

/** The first acceptable alternative of a Transport header (RFC 2326 section 12.39). */
export function chooseTransport(header: string, allowUdp: boolean): WantedTransport | undefined {
  for (const alternative of header.split(',')) {
    const [protocol = '', ...parameters] = alternative.split(';').map((part) => part.trim());
    const names = new Map(parameters.map((part) => splitOnce(part)));
    if (names.has('multicast')) continue;
    const tcp = /^RTP\/AVP\/TCP$/i.test(protocol);
    const udp = /^RTP\/AVP(\/UDP)?$/i.test(protocol);
    if (tcp) {
      const [rtp = 0, rtcp = rtp + 1] = range(names.get('interleaved') ?? '0-1');
      if (rtp <= 255 && rtcp <= 255 && rtp !== rtcp)
        return { kind: 'tcp', rtpChannel: rtp, rtcpChannel: rtcp };
    }
    if (udp && allowUdp) {
      const [rtp = 0, rtcp = rtp + 1] = range(names.get('client_port') ?? '');
      if (rtp > 0 && rtcp > 0 && rtp <= 65535 && rtcp <= 65535) {
        return { kind: 'udp', rtpPort: rtp, rtcpPort: rtcp };
      }
    }
  }
  return undefined;
}

function splitOnce(part: string): [string, string] {
  const equals = part.indexOf('=');
  return equals < 0
    ? [part.toLowerCase(), '']
    : [part.slice(0, equals).toLowerCase(), part.slice(equals + 1)];
}

function range(text: string): number[] {
  const match = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(text);
  return match === null
    ? []
    : [match[1], match[2]].flatMap((part) => (part === undefined ? [] : [Number(part)]));
}
