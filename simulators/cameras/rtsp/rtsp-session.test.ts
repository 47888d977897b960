import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../testing/manual-clock.ts';
import { newCameraCounts } from '../counts.ts';
import { loadScenes } from '../scenes.ts';
import { FrameWheel } from '../stream/frame-wheel.ts';
import { LiveTimeline } from '../stream/live-timeline.ts';
import { DelayedOutput } from './delayed-output.ts';
import { RtspSession } from './rtsp-session.ts';

const [scene] = await loadScenes(1);

function setUp() {
  if (scene === undefined) throw new Error('there is no scene');
  const clock = new ManualClock();
  const timeline = new LiveTimeline({
    clip: scene.clips.sub,
    clock,
    wheel: new FrameWheel({ clock }),
    phase: 0,
  });
  const camera = newCameraCounts();
  const delay = { ms: 0 };
  const output = new DelayedOutput({ clock, delayMs: () => delay.ms });
  const session = () => {
    const out = {
      backlog: 0,
      reports: 0,
      sent: 0,
      dropped: 0,
      send: (_picture: unknown, report: Buffer | undefined) => {
        out.sent++;
        if (report !== undefined) out.reports++;
      },
    };
    const created: RtspSession = new RtspSession({
      id: 'A',
      profile: 'sub',
      output,
      counts: camera.profiles.sub,
      onPlay: () => () => undefined,
      clock,
      onTooSlow: () => {
        out.dropped++;
        created.pause();
      },
    });
    created.setUp('video', timeline, out);
    return { session: created, out };
  };
  return { clock, counts: camera.profiles.sub, delay, session };
}

describe('RtspSession', () => {
  it('drops a client that leaves more than a megabyte unread, and no other', () => {
    const { clock, counts, session } = setUp();
    const slow = session();
    const good = session();
    slow.session.play(true);
    good.session.play(true);
    clock.advance(1000);
    slow.out.backlog = 1024 * 1024 + 1;
    clock.advance(1000);
    expect([slow.out.dropped, slow.out.sent]).toEqual([1, 8]);
    expect([good.out.dropped, good.out.sent]).toEqual([0, 16]);
    expect(counts).toMatchObject({ playing: 1, maxPlaying: 2, pictures: 24 });
  });

  it('reports its clock with the first picture and then every five seconds', () => {
    const { clock, session } = setUp();
    const { session: playing, out } = session();
    playing.play(true);
    clock.advance(200);
    expect(out.reports).toBe(1);
    clock.advance(20_000);
    expect(out.reports).toBe(5);
  });

  it('drops its client when a delay would hold back too many pictures', () => {
    const { clock, delay, session } = setUp();
    const { session: playing, out } = session();
    delay.ms = 1_000_000;
    playing.play(true);
    clock.advance(400_000);
    expect([out.dropped, out.sent]).toEqual([1, 0]);
  });

  it('counts one play and one end however often it is told', () => {
    const { counts, session } = setUp();
    const { session: playing } = session();
    playing.play(true);
    playing.play(true);
    expect(counts.playing).toBe(1);
    playing.pause();
    playing.pause();
    expect(counts.playing).toBe(0);
    expect(counts.lastStoppedAtMs).not.toBeNull();
  });
});
