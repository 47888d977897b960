import { spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { accessSync, constants, existsSync, readFileSync, statfsSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname } from 'node:path';
import type { Settings } from '@vedette/contracts';

export interface Finding {
  readonly level: 'ok' | 'warning' | 'problem';
  readonly what: string;
  readonly remedy?: string;
}

export type Examination = (settings: Settings) => Promise<readonly Finding[]> | readonly Finding[];

const WEBRTC_RECEIVE_BUFFER = 1024 * 1024;

export const EXAMINATIONS: readonly Examination[] = [
  node,
  ports,
  udpLoopback,
  socketBuffers,
  dataFolder,
  ffmpeg,
  clock,
  certificate,
];

function node(): Finding[] {
  const major = Number(process.versions.node.split('.')[0]);
  return major >= 24
    ? [{ level: 'ok', what: `Node ${process.versions.node}` }]
    : [
        {
          level: 'problem',
          what: `Node ${process.versions.node} is too old`,
          remedy: 'Start by ./vedette, which brings Node 24 along.',
        },
      ];
}

async function ports(settings: Settings): Promise<Finding[]> {
  const tcp = [
    ['HTTP_PORT', settings.httpPort],
    ['NODE_HTTP_PORT', settings.nodeHttpPort],
  ] as const;
  const findings: Finding[] = [];
  for (const [name, port] of tcp) {
    const error = await tryTcp(port, settings.bind);
    findings.push(portFinding(`TCP port ${port} (${name})`, name, error));
  }
  findings.push(
    portFinding(
      `UDP port ${settings.udpPort} (UDP_PORT)`,
      'UDP_PORT',
      await tryUdp(settings.udpPort, settings.bind),
    ),
  );
  return findings;
}

function portFinding(what: string, name: string, error: string | undefined): Finding {
  if (error === undefined) return { level: 'ok', what: `${what} is free` };
  const remedy =
    error === 'EADDRINUSE'
      ? `Another program has it (perhaps Vedette itself, running): end that, or set ${name} to another port.`
      : error === 'EADDRNOTAVAIL'
        ? 'BIND names an address that this machine does not have.'
        : `The system answers ${error}: ports below 1024 need privileges.`;
  return { level: 'problem', what: `${what} cannot be used`, remedy };
}

function tryTcp(port: number, host: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(undefined)));
  });
}

function tryUdp(port: number, host: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    socket.bind({ port, address: host, exclusive: true }, () => socket.close(() => resolve(undefined)));
  });
}

/** A datagram to ourselves over the address that viewers will use: firewalls that drop UDP show here. */
async function udpLoopback(settings: Settings): Promise<Finding[]> {
  const address = settings.bind === '0.0.0.0' || settings.bind === '::' ? '127.0.0.1' : settings.bind;
  const arrived = await new Promise<boolean>((resolve) => {
    const family = address.includes(':') ? 'udp6' : 'udp4';
    const socket = createSocket(family);
    const finish = (result: boolean) => {
      clearTimeout(timer);
      socket.close(() => resolve(result));
    };
    const timer = setTimeout(() => finish(false), 1000);
    socket.once('message', () => finish(true));
    socket.once('error', () => finish(false));
    socket.bind(0, address, () => socket.send('vedette', socket.address().port, address));
  });
  return [
    arrived
      ? { level: 'ok', what: `UDP passes on ${address}` }
      : {
          level: 'warning',
          what: `UDP does not pass on ${address}`,
          remedy:
            'Allow UDP in the firewall; without it every viewer falls back to HLS, one to two seconds late.',
        },
  ];
}

function socketBuffers(): Finding[] {
  const file = '/proc/sys/net/core/wmem_max';
  if (!existsSync(file)) return [];
  const bytes = Number(readFileSync(file, 'utf8'));
  return bytes >= WEBRTC_RECEIVE_BUFFER
    ? [{ level: 'ok', what: `socket buffers up to ${bytes} bytes` }]
    : [
        {
          level: 'warning',
          what: `socket buffers are limited to ${bytes} bytes`,
          remedy:
            'For hundreds of viewers on one node: sysctl -w net.core.wmem_max=4194304 net.core.rmem_max=4194304',
        },
      ];
}

function dataFolder(settings: Settings): Finding[] {
  const folder = settings.dataDir;
  const writable = existsSync(folder) ? folder : dirname(folder);
  try {
    accessSync(writable, constants.W_OK | constants.X_OK);
  } catch {
    return [
      {
        level: 'problem',
        what: `data folder ${folder} is not writable`,
        remedy: 'Give this user the right to write there, or set DATA_DIR.',
      },
    ];
  }
  const space = statfsSync(writable);
  const freeMb = Math.floor((space.bavail * space.bsize) / 1024 / 1024);
  return freeMb >= 500
    ? [{ level: 'ok', what: `data folder ${folder} is writable, ${freeMb} MB free` }]
    : [
        {
          level: 'warning',
          what: `only ${freeMb} MB free for the data folder`,
          remedy: 'Free some space: the database needs room to write.',
        },
      ];
}

function ffmpeg(settings: Settings): Finding[] {
  const program = settings.ffmpegPath;
  const result = spawnSync(program, ['-hide_banner', '-encoders'], { encoding: 'utf8', timeout: 10_000 });
  if (result.status !== 0) {
    return [
      {
        level: 'warning',
        what: 'ffmpeg is not here',
        remedy:
          'Not needed to watch H.264 cameras. For the tests and for transcoding: apt-get install ffmpeg, or set FFMPEG_PATH.',
      },
    ];
  }
  const encoders = ['libx264', 'h264_nvenc', 'h264_qsv', 'h264_vaapi', 'libopus'].filter((name) =>
    result.stdout.includes(` ${name} `),
  );
  return [{ level: 'ok', what: `ffmpeg with ${encoders.join(', ') || 'no encoder of use here'}` }];
}

/** Tokens live five minutes: a clock that is years off, or unset, breaks sign-in and playback between machines. */
function clock(): Finding[] {
  const built = Date.UTC(2026, 10, 1);
  if (Date.now() < built) {
    return [
      {
        level: 'problem',
        what: `the clock says ${new Date().toISOString()}`,
        remedy: 'Set the clock; run an NTP client such as chrony.',
      },
    ];
  }
  const synchronised = spawnSync('timedatectl', ['show', '-p', 'NTPSynchronized', '--value'], {
    encoding: 'utf8',
    timeout: 3000,
  });
  if (synchronised.status === 0 && synchronised.stdout.trim() === 'no') {
    return [
      {
        level: 'warning',
        what: 'the clock is not synchronised',
        remedy: 'Run an NTP client such as chrony: tokens and picture ages depend on it.',
      },
    ];
  }
  return [{ level: 'ok', what: `clock ${new Date().toISOString()}` }];
}

function certificate(settings: Settings): Finding[] {
  if (settings.tlsCert === undefined || settings.tlsKey === undefined) return [];
  return [settings.tlsCert, settings.tlsKey].map((file) => {
    try {
      accessSync(file, constants.R_OK);
      return { level: 'ok', what: `${file} is readable` };
    } catch {
      return {
        level: 'problem',
        what: `${file} cannot be read`,
        remedy: 'Give this user the right to read it, or correct TLS_CERT/TLS_KEY.',
      };
    }
  });
}
