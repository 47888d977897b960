import type { ReasonCode } from '@vedette/contracts';
import type { EncodedFrame, FrameSink } from '@vedette/media-types';
import { RtspError } from '@vedette/rtsp';
import { silentLog } from '@vedette/runtime';
import { describe, expect, it } from 'vitest';
import { HeldClock } from '../../../../tests/support/held-clock.ts';
import { PlainGuard } from './retry/plain-guard.ts';
import { SourceError } from './source-error.ts';
import { type SourceNews, SourceSupervisor } from './source-supervisor.ts';

const FRAME: EncodedFrame = {
  trackId: 1,
  kind: 'video',
  dtsTicks: 0,
  ptsTicks: 0,
  key: true,
  data: new Uint8Array(),
  parameterSetBytes: 0,
  wallClockMs: 0,
};

/** One pull that a test ends as it likes. */
interface Pull {
  readonly sink: FrameSink;
  readonly firstTicks: number | undefined;
  readonly playing: () => void;
  readonly waiting: (reason: ReasonCode) => void;
  readonly news: (news: SourceNews) => void;
  fail(error: unknown): void;
  end(): void;
}

function setUp(refuse?: () => Error | undefined) {
  const clock = new HeldClock();
  const pulls: Pull[] = [];
  const heard: string[] = [];
  const supervisor = new SourceSupervisor({
    createSource: (firstTicks, playing, waiting, news) => {
      const refusal = refuse?.();
      if (refusal !== undefined) throw refusal;
      return {
        lastTicks: 9000 * (pulls.length + 1),
        packetsLost: 2,
        run: (sink, signal) =>
          new Promise<void>((resolve, reject) => {
            signal.addEventListener('abort', () => resolve(), { once: true });
            pulls.push({ sink, firstTicks, playing, waiting, news, fail: reject, end: resolve });
          }),
      };
    },
    sink: { tracks: () => undefined, frame: () => undefined },
    guard: new PlainGuard({ clock, random: () => 0.5, isLocal: false }),
    clock,
    log: silentLog(),
    onChange: () => heard.push(supervisor.state().health),
  });
  const newest = () => {
    const pull = pulls.at(-1);
    if (pull === undefined) throw new Error('nothing is being pulled');
    return pull;
  };
  return { clock, heard, newest, pulls, supervisor };
}

const refused = () => new RtspError('camera_refused', 'connect', 'refused');
const rejected = () => new RtspError('camera_credentials_rejected', 'describe', 'wrong password');

describe('SourceSupervisor', () => {
  it('is live from the first frame on, and tells so once', async () => {
    const { clock, heard, newest, supervisor } = setUp();
    await clock.pass(0);
    newest().playing();
    expect(supervisor.state()).toMatchObject({ health: 'connecting', reason: 'waiting_for_key_frame' });
    newest().sink.frame(FRAME);
    newest().sink.frame(FRAME);
    expect(supervisor.state()).toMatchObject({ health: 'live', reason: 'live', detail: null });
    expect(heard.filter((health) => health === 'live')).toHaveLength(1);
  });

  it('passes on what a station says of itself, until the pull ends', async () => {
    const { clock, newest, supervisor } = setUp();
    await clock.pass(0);
    newest().news({ nowPlaying: null, detail: 'Radio Example' });
    expect(supervisor.state()).toMatchObject({ health: 'connecting', detail: null, nowPlaying: null });
    newest().sink.frame(FRAME);
    newest().news({ nowPlaying: 'So What', detail: 'Radio Example' });
    expect(supervisor.state()).toMatchObject({
      health: 'live',
      detail: 'Radio Example',
      nowPlaying: 'So What',
    });
    newest().fail(refused());
    await clock.pass(0);
    expect(supervisor.state()).toMatchObject({ reason: 'camera_refused', nowPlaying: null });
    await supervisor.stop();
  });

  it('tries a camera that had pictures again within a second, on the same time line, and counts what was lost', async () => {
    const { clock, newest, pulls, supervisor } = setUp();
    await clock.pass(0);
    newest().sink.frame(FRAME);
    newest().fail(refused());
    await clock.pass(0);
    expect(supervisor.state()).toMatchObject({ health: 'reconnecting', reconnects: 1, packetsLost: 2 });
    await clock.pass(1000);
    expect(pulls).toHaveLength(2);
    expect(newest().firstTicks).toBe(9000);
  });

  it('calls a source that ends by itself a failure', async () => {
    const { clock, newest, supervisor } = setUp();
    await clock.pass(0);
    newest().end();
    await clock.pass(0);
    expect(supervisor.state()).toMatchObject({ health: 'offline', reason: 'camera_refused' });
  });

  it('waits a minute and more after a wrong password, whoever asks', async () => {
    const { clock, newest, pulls, supervisor } = setUp();
    await clock.pass(0);
    newest().fail(rejected());
    await clock.pass(5000);
    supervisor.wake();
    await clock.pass(54_000);
    expect(pulls).toHaveLength(1);
    await clock.pass(20_000);
    expect(pulls).toHaveLength(2);
  });

  it('is woken by a viewer, a second after the last try at the earliest', async () => {
    const { clock, newest, pulls, supervisor } = setUp();
    for (let attempt = 1; attempt <= 5; attempt += 1) {
      await clock.pass(120_000);
      newest().fail(refused());
      await clock.pass(0);
    }
    const tried = pulls.length;
    supervisor.wake();
    await clock.pass(900);
    expect(pulls).toHaveLength(tried);
    await clock.pass(200);
    expect(pulls).toHaveLength(tried + 1);
  });

  it('keeps the reason of a source that cannot even be made, and goes on trying', async () => {
    let made = 0;
    const { clock, supervisor } = setUp(() => {
      made += 1;
      return new SourceError('ffmpeg_missing', 'open', 'There is no FFmpeg.');
    });
    await clock.pass(0);
    expect(supervisor.state()).toMatchObject({
      health: 'offline',
      reason: 'ffmpeg_missing',
      detail: 'There is no FFmpeg.',
    });
    await clock.pass(5000);
    expect(made).toBeGreaterThan(1);
  });

  it('says for whom a source waits, until it is live', async () => {
    const { clock, newest, supervisor } = setUp();
    await clock.pass(0);
    newest().waiting('waiting_for_publisher');
    expect(supervisor.state()).toMatchObject({ health: 'connecting', reason: 'waiting_for_publisher' });
    newest().sink.frame(FRAME);
    newest().waiting('ffmpeg_queued');
    expect(supervisor.state()).toMatchObject({ health: 'live', reason: 'live' });
  });

  it('leaves a source at its end, whoever asks', async () => {
    const { clock, newest, pulls, supervisor } = setUp();
    await clock.pass(0);
    newest().sink.frame(FRAME);
    newest().fail(new SourceError('source_ended', 'read', 'The file is over.'));
    await clock.pass(600_000);
    supervisor.wake();
    await clock.pass(600_000);
    expect(pulls).toHaveLength(1);
    expect(supervisor.state()).toMatchObject({ health: 'idle', reason: 'source_ended', reconnects: 0 });
    await supervisor.stop();
  });

  it('tells nothing of an error that it does not know', async () => {
    const { clock, newest, supervisor } = setUp();
    await clock.pass(0);
    newest().fail(new Error('rtsp://admin:secret@10.0.0.1'));
    await clock.pass(0);
    expect(supervisor.state().reason).toBe('camera_protocol_error');
    expect(JSON.stringify(supervisor.state())).not.toContain('secret');
  });

  it('stops a pull, and a wait', async () => {
    const { clock, newest, pulls, supervisor } = setUp();
    await clock.pass(0);
    newest().fail(refused());
    await clock.pass(0);
    const stopped = supervisor.stop();
    await clock.pass(0);
    await stopped;
    await clock.pass(600_000);
    expect(pulls).toHaveLength(1);
  });
});
