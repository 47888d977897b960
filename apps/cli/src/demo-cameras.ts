import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { System } from './system.ts';
import { waitUntil } from './wait-until.ts';

interface ListedCamera {
  readonly id: string;
  readonly source: { readonly kind: string; readonly host?: string; readonly port?: number };
}

interface SimulatedCamera {
  readonly name: string;
  readonly onvif: { readonly host: string; readonly port: number };
}

/** Brings control's camera list in line with the simulator: adds what is missing, removes what is gone. */
export async function importDemoCameras(options: {
  system: System;
  cameras: number;
  username: string;
  password: string;
  signal: AbortSignal;
}): Promise<void> {
  const { system, signal } = options;
  const { settings } = system;
  const token = settings.adminToken ?? (await readFile(join(settings.dataDir, 'admin-token'), 'utf8')).trim();
  const api = async (method: string, path: string, body?: unknown): Promise<unknown> => {
    const { status, text } = await system.request(`/api/v1${path}`, {
      method,
      signal,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    if (status >= 300) throw new Error(`${method} ${path}: ${text}`);
    return text === '' ? undefined : JSON.parse(text);
  };

  const simulated = await listSimulated(settings.simPort, signal);
  const listed = await listAll(api);
  const demoPorts = new Map<number, string>();
  for (const camera of listed) {
    if (
      camera.source.kind === 'onvif' &&
      camera.source.host === '127.0.0.1' &&
      camera.source.port !== undefined
    ) {
      demoPorts.set(camera.source.port, camera.id);
    }
  }
  const wanted = new Set(simulated.map((camera) => camera.onvif.port));
  for (const [port, id] of demoPorts) if (!wanted.has(port)) await api('DELETE', `/cameras/${id}`);
  for (const camera of simulated) {
    if (demoPorts.has(camera.onvif.port)) continue;
    await api('POST', '/cameras', {
      name: camera.name,
      source: { kind: 'onvif', ...camera.onvif, username: options.username, password: options.password },
    });
  }
}

async function listSimulated(port: number, signal: AbortSignal): Promise<readonly SimulatedCamera[]> {
  let answer: { items: SimulatedCamera[] } | undefined;
  await waitUntil(
    async () => {
      const response = await fetch(`http://127.0.0.1:${port}/cameras`, { signal }).catch(() => undefined);
      if (response?.ok) answer = (await response.json()) as { items: SimulatedCamera[] };
      return answer !== undefined;
    },
    AbortSignal.any([signal, AbortSignal.timeout(30_000)]),
  );
  return answer?.items ?? [];
}

async function listAll(
  api: (method: string, path: string) => Promise<unknown>,
): Promise<readonly ListedCamera[]> {
  const items: ListedCamera[] = [];
  let cursor: string | null = null;
  do {
    const page = (await api(
      'GET',
      `/cameras?limit=200${cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`}`,
    )) as {
      items: ListedCamera[];
      nextCursor: string | null;
    };
    items.push(...page.items);
    cursor = page.nextCursor;
  } while (cursor !== null);
  return items;
}
