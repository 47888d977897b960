const REASONS = new Map([
  [200, 'OK'],
  [301, 'Moved Permanently'],
  [302, 'Found'],
  [400, 'Bad Request'],
  [401, 'Unauthorized'],
  [403, 'Forbidden'],
  [404, 'Not Found'],
  [405, 'Method Not Allowed'],
  [415, 'Unsupported Media Type'],
  [451, 'Parameter Not Understood'],
  [453, 'Not Enough Bandwidth'],
  [454, 'Session Not Found'],
  [455, 'Method Not Valid in This State'],
  [459, 'Aggregate Operation Not Allowed'],
  [461, 'Unsupported Transport'],
  [500, 'Internal Server Error'],
  [501, 'Not Implemented'],
  [503, 'Service Unavailable'],
]);

export interface Reply {
  readonly status: number;
  readonly cseq: string;
  readonly headers: readonly string[];
  readonly body: string;
}

/** An answer as text (RFC 2326 section 7). */
export function writeReply({ body, cseq, headers, status }: Reply): string {
  const lines = [
    `RTSP/1.0 ${status} ${REASONS.get(status) ?? 'Error'}`,
    `CSeq: ${cseq}`,
    'Server: Vedette',
    ...headers,
    ...(body === '' ? [] : [`Content-Length: ${Buffer.byteLength(body)}`]),
  ];
  return `${lines.join('\r\n')}\r\n\r\n${body}`;
}
