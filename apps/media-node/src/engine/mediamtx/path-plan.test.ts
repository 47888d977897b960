import type { DesiredStream, StreamSource } from '@vedette/contracts';
import { describe, expect, it } from 'vitest';
import { type PathDefaults, planPath } from './path-plan.ts';

const DEFAULTS: PathDefaults = {
  recordFolder: undefined,
  recordHours: 24,
  listens: { rtmp: false, srt: false },
};

function plan(
  source: StreamSource,
  change: Partial<Pick<DesiredStream, 'pull' | 'idleTtlMs'>> & {
    host?: string;
    defaults?: Partial<PathDefaults>;
  } = {},
) {
  const { defaults, host, ...stream } = change;
  return planPath({ source, pull: 'on-demand', idleTtlMs: 15_000, ...stream }, host, {
    ...DEFAULTS,
    ...defaults,
  });
}

function rtsp(change: Partial<Extract<StreamSource, { kind: 'rtsp' }>> = {}): StreamSource {
  return { kind: 'rtsp', url: 'rtsp://gate.site:8554/main', transport: 'tcp', ...change };
}

describe('the path of a stream', () => {
  it('is pulled while somebody watches, and left alone its time-to-live after', () => {
    expect(plan(rtsp())).toMatchObject({
      settings: {
        source: 'rtsp://gate.site:8554/main',
        rtspTransport: 'tcp',
        sourceOnDemand: true,
        sourceOnDemandCloseAfter: '15000ms',
      },
    });
  });

  it('is pulled always where that is wanted', () => {
    expect(plan(rtsp(), { pull: 'always-on' })).toMatchObject({ settings: { sourceOnDemand: false } });
  });

  it('has the address that was checked in place of the name, and whatever may be in a password', () => {
    const source = rtsp({ username: 'ad min', password: "p@ss:w/o?rd#$'%(1)" });
    const planned = plan(source, { host: '10.0.0.7' });
    const address = planned.kind === 'path' ? String(planned.settings['source']) : '';
    expect(address).toBe('rtsp://ad%20min:p%40ss%3Aw%2Fo%3Frd%23%24%27%25%281%29@10.0.0.7:8554/main');
    expect(decodeURIComponent(new URL(address).password)).toBe("p@ss:w/o?rd#$'%(1)");
  });

  it('leaves the rest of the address as the camera wants it, but for what MediaMTX would fill in', () => {
    const url = 'rtsp://10.0.0.7/Streaming//Channels/101?transportmode=unicast&x=$MTX_QUERY';
    expect(plan(rtsp({ url }))).toMatchObject({
      settings: {
        source: 'rtsp://10.0.0.7/Streaming//Channels/101?transportmode=unicast&x=%24MTX_QUERY',
      },
    });
  });

  it('goes through HTTP, or holds to a pinned certificate', () => {
    expect(plan(rtsp({ transport: 'http' }))).toMatchObject({
      settings: { source: 'rtsp+http://gate.site:8554/main' },
    });
    const certificate = { check: 'pin', sha256: 'ab'.repeat(32) } as const;
    expect(plan(rtsp({ url: 'rtsps://gate.site/main', certificate }))).toMatchObject({
      settings: { source: 'rtsps://gate.site/main', sourceFingerprint: 'ab'.repeat(32) },
    });
  });

  it('is recorded where the settings say so', () => {
    expect(plan(rtsp(), { defaults: { recordFolder: '/srv/rec', recordHours: 48 } })).toMatchObject({
      settings: {
        record: true,
        recordPath: expect.stringMatching(/^\/srv\/rec\/%path\//),
        recordDeleteAfter: '48h',
      },
    });
  });

  it('waits for an encoder, by RTMP and SRT where they are listened for', () => {
    const publish = (via: 'rtsp' | 'rtmp' | 'srt'): StreamSource => ({
      kind: 'publish',
      via,
      username: 'enc',
      password: 'secret',
    });
    expect(plan(publish('rtsp'))).toMatchObject({ settings: { source: 'publisher' } });
    expect(plan(publish('rtmp'))).toMatchObject({ kind: 'impossible', reason: 'engine_unsupported' });
    expect(plan(publish('srt'), { defaults: { listens: { rtmp: false, srt: true } } })).toMatchObject({
      kind: 'path',
    });
  });

  it.each<StreamSource>([
    { kind: 'file', file: 'a.mp4', loop: true },
    { kind: 'http', url: 'http://web.site/live.m3u8', loop: false },
    { kind: 'http-audio', url: 'http://radio.site/stream' },
    { kind: 'rendition', of: 'cam_a' as never, spec: { height: 360, frameRate: 15, bitsPerSecond: 500_000 } },
    rtsp({ url: 'rtsps://gate.site/main', certificate: { check: 'none' } }),
  ])('is impossible for $kind, and says where it would be possible', (source) => {
    expect(plan(source)).toMatchObject({ kind: 'impossible', reason: 'engine_unsupported' });
  });
});
