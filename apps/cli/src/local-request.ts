import { readFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';

export interface LocalRequest {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
  readonly signal: AbortSignal;
  /** Our own certificate: it is trusted as it is, whatever name it was made for, because the address is this machine's. */
  readonly certFile: string | undefined;
}

/** A request to a process that this one has started. Rejects when it cannot be reached. */
export function localRequest(url: string, options: LocalRequest): Promise<{ status: number; text: string }> {
  const { method = 'GET', headers = {}, body, signal, certFile } = options;
  const tls =
    certFile === undefined
      ? {}
      : { ca: readFileSync(certFile), allowPartialTrustChain: true, checkServerIdentity: () => undefined };
  const send = url.startsWith('https:') ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    const request = send(url, { method, headers, signal, ...tls }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
      response.on('error', reject);
    });
    request.on('error', reject);
    request.end(body);
  });
}
