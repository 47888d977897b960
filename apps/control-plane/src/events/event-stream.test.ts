import { once } from 'node:events';
import type { CameraId } from '@vedette/contracts';
import { describe, expect, it } from 'vitest';
import { HeldClock } from '../../../../tests/support/held-clock.ts';
import { EventStream, encodeEvent } from './event-stream.ts';

describe('a stream of events', () => {
  it('says first when to come back', () => {
    const stream = new EventStream({ clock: new HeldClock() });
    expect(String(stream.read())).toBe('retry: 2000\n\n');
    stream.destroy();
  });

  it('writes each event by its type, on one line of data', () => {
    const text = encodeEvent({ type: 'camera.changed', cameraId: 'c1' as CameraId });
    expect(text).toBe('event: camera.changed\ndata: {"type":"camera.changed","cameraId":"c1"}\n\n');
  });

  it('beats every 15 s while nothing happens', async () => {
    const clock = new HeldClock();
    const stream = new EventStream({ clock });
    stream.read();
    await clock.pass(14_999);
    expect(stream.read()).toBeNull();
    await clock.pass(1);
    expect(String(stream.read())).toBe(': still here\n\n');
    await clock.pass(45_000);
    expect(String(stream.read())).toBe(': still here\n\n'.repeat(3));
    stream.destroy();
  });

  it('cuts off a client that does not read, instead of growing', async () => {
    const stream = new EventStream({ clock: new HeldClock() });
    const closed = once(stream, 'close');
    for (let i = 0; i < 2000; i++) stream.tell('x'.repeat(1000));
    await closed;
    expect(stream.destroyed).toBe(true);
  });

  it('ends once, and stays silent then', async () => {
    const clock = new HeldClock();
    const stream = new EventStream({ clock });
    stream.end();
    stream.end();
    stream.tell('late');
    let text = '';
    for await (const chunk of stream) text += String(chunk);
    expect(text).toBe('retry: 2000\n\n');
  });
});
