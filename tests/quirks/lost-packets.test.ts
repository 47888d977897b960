// A real stream that loses packets: media-quirks (b), "loss".
import { startSimulator } from '@vedette/simulators';
import { expect, test } from 'vitest';
import { decodingErrors } from '../support/decoding-errors.ts';
import { eventually } from '../support/eventually.ts';
import { Pull } from '../support/pulling.ts';

test.each(['tcp', 'udp'] as const)(
  'pictures of a camera that loses packets over %s, sets no markers and sends junk decode without an error',
  async (transport) => {
    await using simulator = await startSimulator({ cameras: 1, basePort: 0, discovery: false });
    const [camera] = simulator.cameras;
    if (camera === undefined) throw new Error('no camera');
    await camera.fault({ kind: 'odd-media', markers: false, junk: true });
    const { username, password } = simulator;
    await using pull = new Pull({ url: camera.rtspUrl('main'), transport, username, password });
    await pull.pictures(3);
    await camera.fault({ kind: 'odd-media', lossPercent: 10, markers: false, junk: true });
    await eventually('losses', () => pull.source.packetsLost >= 4, { everyMs: 20 });
    await camera.fault({ kind: 'none' });
    const before = pull.video.length;
    await eventually('pictures after the losses', () => pull.video.length > before + 5, { everyMs: 20 });
    expect(await decodingErrors('h264', pull.video)).toBe('');
  },
);
