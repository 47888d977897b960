import { CameraId } from '@vedette/contracts';
import { describe, expect, it, vi } from 'vitest';
import { WallSound } from './wall-sound.ts';

const [GATE, DOCK, RADIO] = ['gate', 'dock', 'radio'].map((id) => CameraId.parse(id)) as [
  CameraId,
  CameraId,
  CameraId,
];

describe('the sound of a wall', () => {
  const heard = (sound: WallSound) => [GATE, DOCK, RADIO].filter((id) => sound.isHeard(id));

  it('is that of one camera at a time', () => {
    const sound = new WallSound();
    sound.toggle(GATE, false);
    sound.toggle(DOCK, false);
    expect(heard(sound)).toEqual([DOCK]);
    sound.toggle(DOCK, false);
    expect(heard(sound)).toEqual([]);
  });

  it('is that of more where somebody asks for it, and each is muted alone', () => {
    const sound = new WallSound();
    sound.toggle(GATE, false);
    sound.toggle(RADIO, true);
    expect(heard(sound)).toEqual([GATE, RADIO]);
    sound.toggle(GATE, true);
    expect(heard(sound)).toEqual([RADIO]);
  });

  it('goes with its camera, and nobody is told of what does not change', () => {
    const sound = new WallSound();
    const told = vi.fn();
    sound.subscribe(told);
    sound.toggle(GATE, false);
    sound.mute(DOCK);
    sound.mute(GATE);
    expect(heard(sound)).toEqual([]);
    expect(told).toHaveBeenCalledTimes(2);
  });
});
