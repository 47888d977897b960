import { CameraId } from '@vedette/contracts';
import { expect, it } from 'vitest';
import { CameraMemory } from './camera-memory.ts';

const gate = CameraId.parse('gate');

it('what WebRTC cannot carry is known by stream, until the camera is changed', () => {
  const memory = new CameraMemory();
  memory.refused(gate, 'main', 'has_b_frames');
  memory.refused(gate, 'lite', 'no_common_codec');
  expect([...memory.unfit(gate)]).toEqual([
    ['main', 'has_b_frames'],
    ['lite', 'no_common_codec'],
  ]);
  expect(memory.unfit(CameraId.parse('dock')).size).toBe(0);
  memory.forget(gate);
  expect(memory.unfit(gate).size).toBe(0);
});

it('what is known does not grow without end: the camera asked longest ago is forgotten', () => {
  const memory = new CameraMemory();
  memory.refused(gate, 'main', 'has_b_frames');
  for (let i = 0; i < 2000; i += 1) memory.refused(CameraId.parse(`c${i}`), 'main', 'has_b_frames');
  expect(memory.unfit(gate).size).toBe(0);
  expect(memory.unfit(CameraId.parse('c0')).size).toBe(1);
});
