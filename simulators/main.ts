// The simulator as a program: flags in, one JSON line `{"ready":true,...}` out, cameras until it is told to stop.
import { fstatSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { createLog, whenParentLeaves } from '@vedette/runtime';
import { type Simulator, startSimulator } from './cameras/simulator.ts';
import { DEFAULT_BASE_PORT, SimulatorSettings } from './cameras/simulator-options.ts';

const HELP = `Simulated ONVIF cameras.

  --cameras N              how many (default 9)
  --port P                 first port (default VEDETTE_SIM_PORT or ${DEFAULT_BASE_PORT}): control API on P, camera n: ONVIF P+2n-1, RTSP P+2n; 0 = free ports
  --bind ADDRESS           address of the cameras (default 127.0.0.1)
  --control-bind ADDRESS   address of the control API (default 127.0.0.1)
  --username NAME          of every camera (default vedette)
  --password PASSWORD      of every camera (default VEDETTE_SIM_PASSWORD, else generated and printed)
  --auth SCHEMES           RTSP authentication: digest-md5, digest-sha256, basic, separated by commas (default digest-md5)
  --expose-credentials     tell user and password in the control API
  --no-key-frame-on-play   a new client waits for the scheduled key frame
  --no-udp                 RTP over TCP only
  --no-discovery           answer no WS-Discovery probes
  --session-timeout S      seconds after which a silent RTSP client is dropped (default 60)
  --clip FILE --fps N      an H.264 file (Annex B, no B-frames) that every main stream plays
  --video CODEC            h264, h265 or mjpeg (default h264)
  --sound CODEC            a microphone: aac, opus, pcmu, pcma, g722, g726, l16 or mp3 (default none)
  --ignore-stdin           do not stop when standard input ends
  --verbose                log to standard error
`;

function readSettings(): { settings: SimulatorSettings; ignoreStdin: boolean; verbose: boolean } | undefined {
  const { values } = parseArgs({
    options: {
      cameras: { type: 'string' },
      port: { type: 'string' },
      bind: { type: 'string' },
      'control-bind': { type: 'string' },
      username: { type: 'string' },
      password: { type: 'string' },
      auth: { type: 'string' },
      'expose-credentials': { type: 'boolean' },
      'no-key-frame-on-play': { type: 'boolean', default: false },
      'no-udp': { type: 'boolean', default: false },
      'no-discovery': { type: 'boolean', default: false },
      'session-timeout': { type: 'string' },
      clip: { type: 'string' },
      fps: { type: 'string' },
      video: { type: 'string' },
      sound: { type: 'string' },
      'ignore-stdin': { type: 'boolean', default: false },
      verbose: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return undefined;
  const number = (text: string | undefined) => (text === undefined ? undefined : Number(text));
  const timeout = number(values['session-timeout']);
  const parsed = SimulatorSettings.safeParse({
    cameras: number(values.cameras),
    basePort: number(values.port ?? process.env['VEDETTE_SIM_PORT']),
    bind: values.bind,
    controlBind: values['control-bind'],
    username: values.username,
    password: values.password ?? process.env['VEDETTE_SIM_PASSWORD'],
    auth: values.auth?.split(','),
    exposeCredentials: values['expose-credentials'],
    keyFrameOnPlay: !values['no-key-frame-on-play'],
    udp: !values['no-udp'],
    discovery: !values['no-discovery'],
    sessionTimeoutMs: timeout === undefined ? undefined : timeout * 1000,
    video: values.video,
    sound: values.sound,
    mainClip: values.clip === undefined ? undefined : { file: values.clip, fps: number(values.fps) },
  });
  if (!parsed.success) {
    const problems = parsed.error.issues.map((issue) => `  ${issue.path.join('.')}: ${issue.message}`);
    throw new Error(`These settings are not right:\n${problems.join('\n')}`);
  }
  return { settings: parsed.data, ignoreStdin: values['ignore-stdin'], verbose: values.verbose };
}

/** Resolves when a signal comes, or the parent goes: its IPC channel or our standard input, where that is a pipe, ends. */
function untilToldToStop(ignoreStdin: boolean): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
    whenParentLeaves(resolve);
    if (ignoreStdin || !isPipe(0)) return;
    process.stdin.once('end', () => resolve());
    process.stdin.once('error', () => resolve());
    process.stdin.resume();
  });
}

function isPipe(fd: number): boolean {
  try {
    const stat = fstatSync(fd);
    return stat.isFIFO() || stat.isSocket();
  } catch {
    return false;
  }
}

function announce(simulator: Simulator, passwordWasGiven: boolean): void {
  const ready = {
    ready: true,
    controlUrl: simulator.controlUrl,
    username: simulator.username,
    ...(passwordWasGiven ? {} : { password: simulator.password }),
    cameras: simulator.cameras.map((camera) => ({
      index: camera.index,
      name: camera.name,
      onvif: camera.onvif,
      rtsp: { main: camera.rtspUrl('main'), sub: camera.rtspUrl('sub') },
    })),
  };
  process.stdout.write(`${JSON.stringify(ready)}\n`);
}

try {
  const input = readSettings();
  if (input === undefined) {
    process.stdout.write(HELP);
    process.exit(0);
  }
  const stop = untilToldToStop(input.ignoreStdin);
  const log = createLog({
    name: 'simulator',
    level: input.verbose ? 'debug' : 'warn',
    write: (line) => void process.stderr.write(line),
  });
  const simulator = await startSimulator({ ...input.settings, log });
  announce(simulator, input.settings.password !== undefined);
  await stop;
  await simulator.close();
  process.exit(0);
} catch (error) {
  process.stderr.write(`vedette sim: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}
