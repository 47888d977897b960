// The two servers of the comparison, each pulling the same simulated camera: Vedette as its command starts it, and
// MediaMTX as its own documentation would have it, everything on loopback.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StartAnswer } from '@vedette/contracts';
import { Demo } from '../../tests/support/demo.ts';
import { eventually } from '../../tests/support/eventually.ts';
import { freePort } from '../../tests/support/free-ports.ts';

export interface Camera {
  readonly url: string;
  readonly username: string;
  readonly password: string;
}

export interface Server extends AsyncDisposable {
  readonly name: string;
  /** The process that carries media. */
  readonly pid: number;
  /** Where one more viewer may connect. */
  whep(): Promise<{ url: string; token: string }>;
  hls(): Promise<string>;
}

export async function startVedette(camera: Camera): Promise<Server> {
  const demo = await Demo.start({ cameras: 1 });
  const { id } = await demo.api<{ id: string }>('POST', '/cameras', {
    name: 'Bench',
    source: { kind: 'rtsp', ...camera },
    pull: 'on-demand',
    idleTtlSeconds: 0,
  });
  const start = (protocol: string) =>
    demo.api<StartAnswer>('POST', `/streams/${id}/start?protocol=${protocol}`, {});
  return {
    name: 'Vedette',
    pid: demo.pidOf('node') ?? 0,
    // A camera takes 100 WebRTC views out of the box; the others of a larger test watch it by a camera of their own name.
    whep: async () => {
      const { url, token } = await start('webrtc');
      return { url, token };
    },
    hls: async () => (await start('hls')).url,
    [Symbol.asyncDispose]: () => demo.close(),
  };
}

export async function startMediaMtx(binary: string, camera: Camera): Promise<Server> {
  const folder = mkdtempSync(join(tmpdir(), 'vedette-bench-'));
  const [webrtc, udp, hls] = [await freePort(), await freePort(), await freePort()];
  const source = camera.url.replace('rtsp://', `rtsp://${camera.username}:${camera.password}@`);
  const config = join(folder, 'mediamtx.yml');
  writeFileSync(
    config,
    [
      'logLevel: error',
      'rtsp: no',
      'rtmp: no',
      'srt: no',
      'api: no',
      'moq: no',
      'hls: yes',
      `hlsAddress: 127.0.0.1:${hls}`,
      'hlsVariant: lowLatency',
      'webrtc: yes',
      `webrtcAddress: 127.0.0.1:${webrtc}`,
      `webrtcLocalUDPAddress: 127.0.0.1:${udp}`,
      'webrtcIPsFromInterfaces: no',
      'webrtcAdditionalHosts: [127.0.0.1]',
      'paths:',
      '  bench:',
      `    source: ${source}`,
      '    rtspTransport: tcp',
      '    sourceOnDemand: yes',
      '    sourceOnDemandCloseAfter: 1s',
      '',
    ].join('\n'),
  );
  const child: ChildProcess = spawn(binary, [config], { stdio: ['ignore', 'inherit', 'inherit'] });
  const whep = `http://127.0.0.1:${webrtc}/bench/whep`;
  await eventually(
    'MediaMTX answers',
    async () => (await fetch(whep, { method: 'OPTIONS' }).catch(() => undefined)) !== undefined,
  );
  return {
    name: 'MediaMTX',
    pid: child.pid ?? 0,
    whep: async () => ({ url: whep, token: 'none' }),
    hls: async () => `http://127.0.0.1:${hls}/bench/index.m3u8`,
    [Symbol.asyncDispose]: async () => {
      const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
      child.kill('SIGTERM');
      await gone;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
