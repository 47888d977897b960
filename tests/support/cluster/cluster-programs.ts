// What runs in a cluster and how: the real programs with their real settings, nothing of them made for tests.
import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Settings } from '@vedette/contracts';
import { settingsToEnv } from '@vedette/runtime';
import { MEDIA_NODE_FLAGS } from '../../../apps/cli/src/media-node-flags.ts';
import type { ProgramSpec } from './cluster-process.ts';

export const CONTROL_PORT = 8080;
export const NODE_PORT = 8081;
export const SIMULATOR_PORT = 9100;
export const POSTGRES_PORT = 5432;
export const REDIS_PORT = 6379;

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

function ourProgram(
  name: string,
  options: {
    readonly program: string;
    readonly args?: readonly string[];
    readonly flags?: readonly string[];
    readonly env?: Readonly<Record<string, string>>;
    readonly onLine?: (line: string) => unknown;
  },
): ProgramSpec {
  const { args = [], env = {}, flags = [], onLine, program } = options;
  const command = [
    process.execPath,
    '--disable-warning=ExperimentalWarning',
    ...flags,
    `${ROOT}${program}`,
    ...args,
  ];
  return { name, command, env, ours: true, ...(onLine === undefined ? {} : { onLine }) };
}

export function controlProgram(name: string, settings: Partial<Settings>): ProgramSpec {
  return ourProgram(name, {
    program: 'apps/control-plane/src/main.ts',
    env: settingsToEnv({ httpPort: CONTROL_PORT, ...settings }),
  });
}

export function nodeProgram(name: string, settings: Partial<Settings>): ProgramSpec {
  return ourProgram(name, {
    program: 'apps/media-node/src/main.ts',
    flags: MEDIA_NODE_FLAGS,
    env: settingsToEnv({ nodeHttpPort: NODE_PORT, ...settings }),
  });
}

export function simulatorProgram(options: {
  readonly address: string;
  readonly cameras: number;
  readonly username: string;
  readonly password: string;
}): ProgramSpec {
  const { address, cameras, password, username } = options;
  return ourProgram('simulator', {
    program: 'simulators/main.ts',
    args: [
      `--cameras=${cameras}`,
      `--port=${SIMULATOR_PORT}`,
      `--bind=${address}`,
      `--control-bind=${address}`,
      `--username=${username}`,
      '--no-discovery',
      '--ignore-stdin',
    ],
    env: { VEDETTE_SIM_PASSWORD: password },
  });
}

export function viewersProgram(
  name: string,
  options: {
    readonly address: string;
    readonly controlUrl: string;
    readonly token: string;
    readonly cameras: readonly string[];
    readonly onLine: (line: string) => unknown;
  },
): ProgramSpec {
  const { address, cameras, controlUrl, onLine, token } = options;
  return ourProgram(name, {
    program: 'simulators/viewers/main.ts',
    args: [`--control=${controlUrl}`, `--cameras=${cameras.join(',')}`, `--bind=${address}`],
    env: { VEDETTE_TOKEN: token },
    onLine,
  });
}

export function redisProgram(address: string): ProgramSpec {
  const off = ['--save', '', '--appendonly', 'no', '--protected-mode', 'no'];
  return {
    name: 'redis',
    command: ['redis-server', '--bind', address, '--port', String(REDIS_PORT), ...off],
    ours: false,
  };
}

/**
 * One address for all control processes. A process that does not answer for a second gets nothing new, and the lines of
 * events that it held are cut so that they come back elsewhere; a request that found nobody is tried at the next one.
 */
export function haproxyProgram(options: {
  readonly address: string;
  readonly controls: readonly string[];
  readonly folder: string;
}): ProgramSpec {
  const { address, controls, folder } = options;
  mkdirSync(folder, { recursive: true });
  const config = `${folder}/haproxy.cfg`;
  writeFileSync(
    config,
    `defaults
  mode http
  timeout connect 1s
  timeout client 1h
  timeout server 1h
  timeout check 1s
  option redispatch 1
  retries 3
  retry-on conn-failure empty-response
frontend public
  bind ${address}:${CONTROL_PORT}
  default_backend controls
backend controls
  balance roundrobin
  option httpchk GET /readyz
  http-request disable-l7-retry if !METH_GET
  default-server check inter 500ms fastinter 250ms fall 2 rise 1 on-marked-down shutdown-sessions
${controls.map((control, index) => `  server control-${index + 1} ${control}:${CONTROL_PORT}\n`).join('')}`,
  );
  return { name: 'haproxy', command: ['haproxy', '-f', config], ours: false };
}
