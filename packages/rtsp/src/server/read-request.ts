import type { RtspEvent } from '../interleaved-parser.ts';
import { presentedCredentials } from './credentials.ts';
import { type RtspAsk, RtspRefusal } from './rtsp-handler.ts';

export type RtspRequest = Extract<RtspEvent, { kind: 'request' }>;

/** Plain text alone: it may go back in an answer. */
export function headerOf(request: RtspRequest, name: string): string | undefined {
  // A line break cannot come this far.
  return request.headers.get(name)?.[0]?.replaceAll(/[^\x20-\x7e]/g, '');
}

/** Who wants what. Throws RtspRefusal where the address cannot be read. */
export function askOf(
  request: RtspRequest,
  from: { readonly address: string; readonly nonce: string },
): RtspAsk {
  const url = URL.canParse(request.url) ? new URL(request.url) : undefined;
  if (url === undefined) throw new RtspRefusal(400, 'the address cannot be read');
  // A track's control stands behind the query, where the query belongs to the stream: `/path?token=x/trackID=0`.
  const [, control = ''] = /(\/trackID=\d+|\/streamid=\d+)\/?$/i.exec(url.search) ?? [];
  const search = control === '' ? url.search : url.search.slice(0, url.search.lastIndexOf(control));
  let path: string;
  try {
    path = decodeURIComponent(url.pathname + control).replace(/^\/+|\/+$/g, '');
  } catch {
    throw new RtspRefusal(400, 'the address cannot be read');
  }
  return {
    path,
    query: new URLSearchParams(search),
    credentials: presentedCredentials(headerOf(request, 'authorization'), {
      method: request.method,
      nonce: from.nonce,
    }),
    address: from.address,
  };
}
