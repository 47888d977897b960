import { CameraId, NodeId, type NodeReport, type ReasonCode, StreamPath } from '@vedette/contracts';
import { silentLog } from '@vedette/runtime';
import { describe, expect, it } from 'vitest';
import { HeldClock } from '../../../../tests/support/held-clock.ts';
import type { KeyFramePort } from './key-frame-port.ts';
import { KeyFrameRequests } from './key-frame-requests.ts';

const NODE = NodeId.parse('node-1');
type Streams = NodeReport['streams'];

function stream(id: string, reason: ReasonCode, profile: 'main' | 'sub' = 'main'): Streams[number] {
  return {
    path: StreamPath.parse(profile === 'main' ? `cam_${id}` : `cam_${id}_${profile}`),
    cameraId: CameraId.parse(id),
    profile,
    fence: 1,
    health: reason === 'live' ? 'live' : 'connecting',
    reason,
    detail: null,
    codec: null,
    audio: null,
    nowPlaying: null,
    width: null,
    height: null,
    frameRate: null,
    bitsPerSecond: 0,
    keyFrameIntervalMs: null,
    lastFrameAt: null,
    reconnects: 0,
    framesIn: 0,
    packetsLost: 0,
    outputs: [],
  };
}

function world(answer: KeyFramePort['ask'] = async () => 'asked') {
  const clock = new HeldClock();
  const asked: string[] = [];
  const signals: AbortSignal[] = [];
  const port: KeyFramePort = {
    ask: (cameraId, profile, signal) => {
      asked.push(`${cameraId} ${profile}`);
      signals.push(signal);
      return answer(cameraId, profile, signal);
    },
  };
  const requests = new KeyFrameRequests({ port, clock, log: silentLog() });
  return {
    clock,
    asked,
    signals,
    requests,
    report: (...streams: Streams) => requests.reported(NODE, { streams }),
  };
}

describe('a camera is asked for a key frame', () => {
  it('once, when its stream plays and brought none in the time that a willing camera takes', async () => {
    const { asked, clock, report } = world();
    report(stream('c1', 'connecting'));
    await clock.pass(1000);
    expect(asked).toEqual([]);
    report(stream('c1', 'waiting_for_key_frame'), stream('c2', 'live'));
    await clock.pass(149);
    expect(asked).toEqual([]);
    await clock.pass(1);
    for (let i = 0; i < 3; i++) {
      report(stream('c1', 'waiting_for_key_frame'), stream('c2', 'live'));
      await clock.pass(1000);
    }
    expect(asked).toEqual(['c1 main']);
  });

  it('not when one came by itself', async () => {
    const { asked, clock, report } = world();
    report(stream('c1', 'waiting_for_key_frame'));
    await clock.pass(100);
    report(stream('c1', 'live'));
    await clock.pass(1000);
    expect(asked).toEqual([]);
  });

  it('for each of its streams, and again after the stream was lost', async () => {
    const { asked, clock, report } = world();
    report(stream('c1', 'waiting_for_key_frame'), stream('c1', 'waiting_for_key_frame', 'sub'));
    await clock.pass(200);
    report(stream('c1', 'reconnecting'), stream('c1', 'live', 'sub'));
    report(stream('c1', 'waiting_for_key_frame'), stream('c1', 'live', 'sub'));
    await clock.pass(200);
    expect(asked).toEqual(['c1 main', 'c1 sub', 'c1 main']);
  });

  it('no longer once its picture is there, its stream is gone, its node is lost or control ends', async () => {
    const { clock, report, requests, signals } = world(() => new Promise(() => undefined));
    const wait = async () => {
      report(stream('c1', 'waiting_for_key_frame'));
      await clock.pass(200);
      expect(signals.at(-1)?.aborted).toBe(false);
    };
    for (const end of [
      () => report(stream('c1', 'live')),
      () => report(),
      () => requests.lost(NODE),
      () => requests.close(),
    ]) {
      await wait();
      end();
      expect(signals.at(-1)?.aborted).toBe(true);
    }
    expect(signals).toHaveLength(4);
  });

  it('and one that refuses harms nothing', async () => {
    const { asked, clock, report } = world(async () => {
      throw new Error('no');
    });
    report(stream('c1', 'waiting_for_key_frame'));
    await clock.pass(200);
    report(stream('c1', 'waiting_for_key_frame'));
    await clock.pass(1000);
    expect(asked).toEqual(['c1 main']);
  });
});
