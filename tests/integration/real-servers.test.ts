// The node's own source against servers that nobody here wrote: what they send becomes pictures that FFmpeg decodes.
import type { RtspTransport } from '@vedette/contracts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { decodingErrors } from '../support/decoding-errors.ts';
import { eventually } from '../support/eventually.ts';
import { Pull } from '../support/pulling.ts';
import {
  makeTestFile,
  missing,
  type RealServer,
  startGStreamer,
  startMediaMtx,
  startVlc,
  type TestFile,
} from '../support/real-servers.ts';

const PICTURES = 15;

async function expectPictures(url: string, transport: RtspTransport, codec: 'h264' | 'h265'): Promise<Pull> {
  const pull = new Pull({ url, transport });
  try {
    const pictures = await pull.pictures(PICTURES);
    expect(pictures[0]?.key).toBe(true);
    expect(pull.videoTracks[0]).toMatchObject({ codec, width: 320, height: 240 });
    const times = pictures.map(({ dtsTicks }) => dtsTicks);
    const steps = times.slice(1).map((time, i) => time - (times[i] ?? 0));
    // 15 a second, give or take the rounding of the server.
    expect(steps.filter((step) => step > 5900 && step < 6100).length).toBeGreaterThan(PICTURES - 4);
    expect(await decodingErrors(codec, pictures)).toBe('');
    const sound = pull.tracks.flat().find((track) => track.kind === 'audio');
    if (sound !== undefined)
      expect(pull.frames.filter(({ kind }) => kind === 'audio').length).toBeGreaterThan(20);
    expect(sound?.codec).toBe(url.includes('silent') ? undefined : 'aac');
  } finally {
    await pull[Symbol.asyncDispose]();
  }
  return pull;
}

function server(
  name: string,
  lacking: string | undefined,
  codec: 'h264' | 'h265',
  start: (file: TestFile) => Promise<RealServer>,
  transports: readonly RtspTransport[] = ['tcp', 'udp'],
): void {
  if (lacking !== undefined) console.warn(`SKIPPED: ${name}: ${lacking}`);
  describe.skipIf(lacking !== undefined)(name, () => {
    let file: TestFile;
    let running: RealServer;
    beforeAll(async () => {
      file = await makeTestFile(codec === 'h264' ? 'libx264' : 'libx265');
      running = await start(file);
    });
    afterAll(async () => {
      await running?.[Symbol.asyncDispose]();
      await file?.[Symbol.asyncDispose]();
    });

    test.each(transports)('pictures come over %s and can be decoded', async (transport) => {
      // The server may answer before it has a picture.
      await eventually('pictures', () => expectPictures(running.url, transport, codec).then(() => true), {
        withinMs: 30_000,
        everyMs: 300,
      });
    });
  });
}

server('MediaMTX, into which FFmpeg publishes H.264', missing.mediamtx(), 'h264', startMediaMtx);
server('GStreamer with H.264', missing.gstreamer(), 'h264', (file) => startGStreamer(file, 'h264'), [
  'tcp',
  'udp',
  'http',
]);
server('GStreamer with H.265', missing.gstreamer(), 'h265', (file) => startGStreamer(file, 'h265'));
// VLC knows UDP alone, and says 461 to anything else.
server('VLC as an ordinary user', missing.vlc(), 'h264', startVlc, ['udp']);
