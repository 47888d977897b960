// Quirks of cameras that ask for a password: media-quirks (a).
import { createHash } from 'node:crypto';
import { playRtsp, type RtspPlayback } from '@vedette/rtsp';
import { describe, expect, test } from 'vitest';
import { parseParameters } from '../../simulators/cameras/rtsp/digest-auth.ts';
import {
  type ScriptedAnswer,
  ScriptedCamera,
  type ScriptedRequest,
} from '../../simulators/testing/scripted-camera.ts';
import { eventually } from '../support/eventually.ts';
import { HeldClock } from '../support/held-clock.ts';
import { loopbackDial } from '../support/pulling.ts';

const USERNAME = 'operator';
const PASSWORD = 'p@ss:word';

function hashOf(algorithm: 'md5' | 'sha256') {
  return (text: string) => createHash(algorithm).update(text).digest('hex');
}

/** Whether a request is signed for this nonce, by the book (RFC 7616 section 3.4.1). */
function isSigned(
  request: ScriptedRequest,
  challenge: { nonce: string; algorithm?: 'md5' | 'sha256'; qop?: boolean },
): boolean {
  const given = parseParameters(request.headers.get('authorization') ?? '');
  const hash = hashOf(challenge.algorithm ?? 'md5');
  const a1 = hash(`${USERNAME}:cam:${PASSWORD}`);
  const a2 = hash(`${request.method}:${request.url}`);
  const middle = challenge.qop
    ? `${challenge.nonce}:${given.get('nc')}:${given.get('cnonce')}:auth`
    : challenge.nonce;
  return given.get('response') === hash(`${a1}:${middle}:${a2}`) && given.get('uri') === request.url;
}

const refusal = (...challenges: string[]): ScriptedAnswer => ({
  status: 401,
  headers: challenges.map((challenge) => ['WWW-Authenticate', challenge] as const),
});

async function play(camera: ScriptedCamera, clock = new HeldClock()): Promise<RtspPlayback> {
  return playRtsp({
    url: camera.url,
    username: USERNAME,
    password: PASSWORD,
    transport: 'tcp',
    dial: loopbackDial,
    clock,
    signal: AbortSignal.timeout(5000),
    onMedia: () => undefined,
    onRtp: () => undefined,
    onRtcp: () => undefined,
  });
}

describe('several challenges', () => {
  test('every WWW-Authenticate is read, unknown schemes and algorithms are skipped, SHA-256 comes before MD5 and Basic', async () => {
    await using camera = await ScriptedCamera.start({
      answer: (request) =>
        isSigned(request, { nonce: 'strong', algorithm: 'sha256' })
          ? undefined
          : refusal(
              'Basic realm="cam"',
              'Digest realm="cam", nonce="weak", algorithm=MD5',
              'Negotiate',
              'Digest realm="cam", nonce="odd", algorithm=SHA-512-256',
              'Digest realm="cam", nonce="strong", algorithm="SHA-256", opaque="echo me"',
            ),
    });
    await (await play(camera)).close();
    const given = camera.request('PLAY')?.headers.get('authorization') ?? '';
    expect(given).toContain('opaque="echo me"');
    expect(given).toMatch(/algorithm="?SHA-256/);
  });

  test('algorithm and opaque are echoed only where they were offered', async () => {
    await using camera = await ScriptedCamera.start({
      answer: (request) =>
        isSigned(request, { nonce: 'n' }) ? undefined : refusal('Digest realm="cam", nonce="n"'),
    });
    await (await play(camera)).close();
    const given = camera.request('PLAY')?.headers.get('authorization') ?? '';
    expect(given).not.toMatch(/algorithm|opaque|qop|cnonce/);
  });

  test('qop=auth is answered with a rising count', async () => {
    await using camera = await ScriptedCamera.start({
      answer: (request) =>
        isSigned(request, { nonce: 'n', qop: true })
          ? undefined
          : refusal('Digest realm="cam", nonce="n", qop="auth-int,auth"'),
    });
    await (await play(camera)).close();
    const counts = camera.requests.map(
      (request) => parseParameters(request.headers.get('authorization') ?? '').get('nc') ?? '-',
    );
    expect(counts).toEqual(['-', '00000001', '00000002', '00000003', '00000004']);
  });

  test('a camera that knows Basic alone is given that', async () => {
    const basic = `Basic ${Buffer.from(`${USERNAME}:${PASSWORD}`).toString('base64')}`;
    await using camera = await ScriptedCamera.start({
      answer: (request) =>
        request.headers.get('authorization') === basic ? undefined : refusal('Basic realm="cam"'),
    });
    await (await play(camera)).close();
    expect(camera.methods()).toEqual(['DESCRIBE', 'DESCRIBE', 'SETUP', 'PLAY', 'TEARDOWN']);
  });
});

describe('a nonce that grows old', () => {
  test('a 401 with a new nonce on keep-alive and TEARDOWN is signed anew and sent once more (Axis M5525)', async () => {
    let nonce = 'first';
    await using camera = await ScriptedCamera.start({
      answer: (request) => {
        if (isSigned(request, { nonce })) return undefined;
        return refusal(`Digest realm="cam", nonce="${nonce}", algorithm=MD5`);
      },
    });
    const clock = new HeldClock();
    const playback = await play(camera, clock);
    nonce = 'second';
    await clock.pass(30_000);
    await eventually('the keep-alive is repeated', () => camera.methods().slice(4).length === 2);
    nonce = 'third';
    await playback.close();
    const after = camera.requests.slice(4);
    expect(after.map(({ method }) => method)).toEqual(['OPTIONS', 'OPTIONS', 'TEARDOWN', 'TEARDOWN']);
    const nonces = after.map(
      ({ headers }) => parseParameters(headers.get('authorization') ?? '').get('nonce') ?? '',
    );
    expect(nonces).toEqual(['first', 'second', 'second', 'third']);
  });

  test('only a fresh nonce that is refused too means a wrong password', async () => {
    let asked = 0;
    await using camera = await ScriptedCamera.start({
      answer: () => refusal(`Digest realm="cam", nonce="n${++asked}"`),
    });
    await expect(play(camera)).rejects.toMatchObject({ code: 'camera_credentials_rejected' });
    expect(camera.methods()).toEqual(['DESCRIBE', 'DESCRIBE']);
  });
});
