import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Settings } from '@vedette/contracts';
import { localRequest } from './local-request.ts';

/** A call to control on this machine as its administrator; answers the text. Throws with control's own words. */
export async function askControl(
  settings: Settings,
  path: string,
  options: {
    readonly method?: 'GET' | 'POST' | 'PUT' | 'DELETE';
    readonly body?: object;
    readonly withinMs: number;
  },
): Promise<string> {
  const token = settings.adminToken ?? (await readFile(join(settings.dataDir, 'admin-token'), 'utf8')).trim();
  const scheme = settings.tlsCert === undefined ? 'http' : 'https';
  const { status, text } = await localRequest(`${scheme}://127.0.0.1:${settings.httpPort}/api/v1${path}`, {
    method: options.method ?? (options.body === undefined ? 'GET' : 'POST'),
    headers: {
      authorization: `Bearer ${token}`,
      ...(options.body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    body: options.body === undefined ? undefined : JSON.stringify(options.body),
    signal: AbortSignal.timeout(options.withinMs),
    certFile: settings.tlsCert,
  });
  if (status < 200 || status > 299) throw new Error(`control answered ${status}: ${text.slice(0, 500)}`);
  return text;
}

/** Flags by which a command finds control. */
export const CONTROL_ADDRESS_FLAGS = ['httpPort', 'dataDir', 'adminToken', 'tlsCert', 'tlsKey'] as const;
