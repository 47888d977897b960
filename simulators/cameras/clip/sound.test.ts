import { describe, expect, it } from 'vitest';
import { loadSound, SOUND_CODECS } from './sound.ts';

describe('loadSound', () => {
  it.each(SOUND_CODECS)('cuts four seconds of %s into packets that fit into a datagram', async (codec) => {
    const sound = await loadSound(codec);
    const seconds = sound.pictures.length / sound.fps;
    expect(seconds).toBeGreaterThan(3.9);
    expect(seconds).toBeLessThan(4.2);
    for (const { offsets, bytes } of sound.pictures) {
      expect(offsets).toEqual([0]);
      expect(bytes.length).toBeLessThan(1400);
    }
    expect(sound.sdp[0]).toMatch(/^m=audio 0 RTP\/AVP \d+$/);
  });
});
