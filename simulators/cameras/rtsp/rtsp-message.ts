/** One request as it came; header names in lower case, of repeated ones the last. */
export interface RtspRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Buffer;
}

/** What a client sends on its connection: requests, and its RTCP in interleaved frames. */
export type RtspInput =
  | { readonly kind: 'request'; readonly request: RtspRequest }
  | { readonly kind: 'frame'; readonly channel: number };

export interface RtspResponse {
  readonly status: number;
  readonly headers?: readonly (readonly [string, string])[];
  readonly body?: string;
}

const REASONS: Readonly<Record<number, string>> = {
  200: 'OK',
  400: 'Bad Request',
  401: 'Unauthorized',
  404: 'Not Found',
  405: 'Method Not Allowed',
  454: 'Session Not Found',
  455: 'Method Not Valid in This State',
  461: 'Unsupported Transport',
  501: 'Not Implemented',
  505: 'RTSP Version Not Supported',
};

/** The bytes of a response (RFC 2326 section 7). */
export function writeResponse(response: RtspResponse, cseq: string | undefined): string {
  const lines = [`RTSP/1.0 ${response.status} ${REASONS[response.status] ?? 'Error'}`];
  if (cseq !== undefined) lines.push(`CSeq: ${cseq}`);
  lines.push('Server: Vedette simulator');
  for (const [name, value] of response.headers ?? []) lines.push(`${name}: ${value}`);
  if (response.body !== undefined) lines.push(`Content-Length: ${Buffer.byteLength(response.body)}`);
  return `${lines.join('\r\n')}\r\n\r\n${response.body ?? ''}`;
}
