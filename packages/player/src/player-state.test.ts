import { describe, expect, it } from 'vitest';
import { describeStatus } from './describe-status.ts';
import { CAPABLE, Drive, viewOf } from './player-state.fixture.ts';

const stateOf = (drive: Drive) => {
  const { reason, state } = describeStatus(drive.machine, 0);
  return `${state} ${reason}`;
};

describe('the first picture', () => {
  it('makes the WebRTC offer while the start call runs, and asks control first', () => {
    const drive = new Drive().play();
    expect(drive.types().filter((type) => type !== 'forget_retry')).toEqual(['start', 'prepare']);
    expect(stateOf(drive)).toBe('connecting connecting');
  });

  it('gives the prepared connection its grant', () => {
    const drive = new Drive().play();
    const prepared = drive.effect('prepare')?.lane;
    drive.started(viewOf('v1'));
    expect(drive.effect('open')).toMatchObject({ lane: prepared, grant: { protocol: 'webrtc' } });
    expect(drive.effect('lease')?.view.sessionId).toBe('v1');
  });

  it('is live with the first picture, and tells the page that UDP works', () => {
    const drive = new Drive().play().started(viewOf('v1'));
    const lane = drive.lane('webrtc');
    drive.tell({ type: 'connected', lane });
    expect(drive.effect('udp')).toEqual({ type: 'udp', open: true });
    expect(stateOf(drive)).toBe('connecting waiting_for_key_frame');
    drive.tell({ type: 'first_frame', lane });
    expect(drive.effect('show')?.lane).toBe(lane);
    expect(stateOf(drive)).toBe('live live');
  });

  it('uses HLS at once where policy chose it, and closes the prepared connection', () => {
    const drive = new Drive().play();
    const prepared = drive.lane('webrtc');
    drive.started(viewOf('v1', ['hls']));
    expect(drive.effect('open')?.grant.protocol).toBe('hls');
    expect(drive.effect('close')?.lane).toBe(prepared);
  });

  it('makes no offer and says so to policy where UDP is known to be blocked', () => {
    const drive = new Drive();
    drive.circumstances = { ...CAPABLE, udp: false };
    drive.play();
    expect(drive.effect('prepare')).toBeUndefined();
    expect(drive.effect('start')?.udp).toBe(false);
  });

  it('ends a view that control grants after the player was stopped', () => {
    const drive = new Drive().play();
    const tag = drive.machine.pending?.tag ?? 0;
    drive.tell({ type: 'stop' }).tell({ type: 'started', tag, view: viewOf('late') });
    expect(drive.effect('end')?.view.sessionId).toBe('late');
    expect(drive.machine.shown ?? drive.machine.pending).toBeNull();
  });
});

describe('HLS instead of WebRTC', () => {
  it('starts beside a WebRTC connection that does not connect in time', () => {
    const drive = new Drive().play().started(viewOf('v1'));
    drive.tell({ type: 'answered', lane: drive.lane('webrtc'), doubtful: false });
    expect(drive.effect('arm')).toMatchObject({ timer: 'fallback', ms: 1500 });
    drive.tell({ type: 'timer', name: 'fallback' });
    expect(drive.effect('open')?.grant.protocol).toBe('hls');
    expect(drive.effect('close')).toBeUndefined();
  });

  it('waits longer where WebRTC has worked on this page', () => {
    const drive = new Drive();
    drive.circumstances = { ...CAPABLE, udp: true };
    drive.play().started(viewOf('v1'));
    drive.tell({ type: 'answered', lane: drive.lane('webrtc'), doubtful: false });
    expect(drive.effect('arm')).toMatchObject({ ms: 4000 });
  });

  it('hardly waits where the browser has no UDP address', () => {
    const drive = new Drive().play().started(viewOf('v1'));
    drive.tell({ type: 'answered', lane: drive.lane('webrtc'), doubtful: true });
    expect(drive.effect('arm')).toMatchObject({ ms: 150 });
  });

  it('wins when it shows first, and the page learns that UDP is blocked', () => {
    const drive = new Drive().liveByHls();
    expect(drive.effect('udp')).toEqual({ type: 'udp', open: false });
    expect(drive.effect('close')).toMatchObject({ goodbye: true });
    expect(drive.effect('arm')).toBeDefined();
    expect(describeStatus(drive.machine, 0)).toMatchObject({ state: 'live', protocol: 'hls' });
  });

  it('lets a WebRTC connection that has connected meanwhile take over', () => {
    const drive = new Drive().play().started(viewOf('v1'));
    const webrtc = drive.lane('webrtc');
    drive.tell({ type: 'answered', lane: webrtc, doubtful: false }).tell({ type: 'timer', name: 'fallback' });
    const hls = drive.lane('hls');
    drive.tell({ type: 'connected', lane: webrtc }).tell({ type: 'first_frame', lane: hls });
    expect(drive.effect('close')).toBeUndefined();
    drive.tell({ type: 'first_frame', lane: webrtc });
    expect(drive.effect('close')).toMatchObject({ lane: hls, goodbye: true });
    expect(drive.machine.shown?.protocol).toBe('webrtc');
  });

  it.each(['no_common_codec', 'at_capacity', 'media_unreachable'] as const)(
    'follows at once when WHEP answers %s',
    (code) => {
      const drive = new Drive().play().started(viewOf('v1'));
      drive.fails(drive.lane('webrtc'), code);
      expect(drive.effect('open')?.grant.protocol).toBe('hls');
    },
  );

  it('is not used where only WebRTC was asked for', () => {
    const drive = new Drive().play({ protocol: 'webrtc' }).started(viewOf('v1'));
    drive.fails(drive.lane('webrtc'), 'media_unreachable', 'no-path');
    expect(drive.effect('open')).toBeUndefined();
    expect(drive.effect('retry_in')).toBeDefined();
  });

  it('becomes WebRTC when the network allows it again, without a black moment', () => {
    const drive = new Drive().liveByHls();
    const hls = drive.shownLane;
    drive.circumstances = { ...CAPABLE, udp: false, probe: true };
    drive.tell({ type: 'timer', name: 'upgrade' });
    const webrtc = drive.lane('webrtc');
    expect(drive.effect('open')).toMatchObject({ lane: webrtc, view: { sessionId: 'v1' } });
    drive.tell({ type: 'connected', lane: webrtc }).tell({ type: 'first_frame', lane: webrtc });
    expect(drive.effect('close')).toMatchObject({ lane: hls, goodbye: true });
    expect(drive.effect('end')).toBeUndefined();
  });

  it('that policy chose for want of UDP becomes WebRTC with a new view, once UDP is worth a look', () => {
    const drive = new Drive();
    drive.circumstances = { ...CAPABLE, udp: false };
    drive.play().started(viewOf('v1', ['hls']));
    drive.tell({ type: 'first_frame', lane: drive.lane('hls') });
    drive.circumstances = { ...CAPABLE, udp: false, probe: true };
    drive.tell({ type: 'timer', name: 'upgrade' });
    expect(drive.effect('start')).toMatchObject({ cause: 'upgrade', udp: undefined });
    drive.circumstances = { ...CAPABLE, udp: false };
    drive.started(viewOf('v2'));
    expect(drive.effectsOf('open').map(({ grant }) => grant.protocol)).toEqual(['webrtc']);
    drive.tell({ type: 'first_frame', lane: drive.lane('webrtc') });
    expect(drive.effect('end')?.view.sessionId).toBe('v1');
  });

  it('stays when the look for UDP fails, and is looked at again later', () => {
    const drive = new Drive().liveByHls();
    drive.circumstances = { ...CAPABLE, udp: false, probe: true };
    drive.tell({ type: 'timer', name: 'upgrade' });
    drive.fails(drive.lane('webrtc'), 'media_unreachable', 'no-path');
    expect(stateOf(drive)).toBe('live live');
    expect(drive.effectsOf('arm')).toContainEqual({ type: 'arm', timer: 'upgrade', ms: 'probe' });
    expect(drive.effects[0]).toEqual({ type: 'udp', open: false });
  });
});

describe('a picture that stops', () => {
  it('is never called live', () => {
    const drive = new Drive().live();
    drive.tell({ type: 'frozen', lane: drive.shownLane });
    expect(stateOf(drive)).toBe('reconnecting picture_stalled');
    drive.tell({ type: 'moving', lane: drive.shownLane });
    expect(stateOf(drive)).toBe('live live');
  });

  it('is helped by a new connection on the grant in hand, and stays on screen meanwhile', () => {
    const drive = new Drive().live();
    const old = drive.shownLane;
    drive.tell({ type: 'frozen', lane: old }).tell({ type: 'starved', lane: old });
    expect(drive.effect('retry_in')).toMatchObject({ attempt: 0 });
    drive.tell({ type: 'retry' });
    expect(drive.effect('start')).toBeUndefined();
    expect(drive.effect('open')?.view.sessionId).toBe('v1');
    expect(drive.machine.shown?.lane).toBe(old);
    drive.tell({ type: 'first_frame', lane: drive.lane('webrtc') });
    expect(drive.effect('close')).toMatchObject({ lane: old, goodbye: false });
    // What a node repeats on a join is the past: pictures must go on to count.
    expect(stateOf(drive)).toBe('reconnecting picture_stalled');
    drive.tell({ type: 'moving', lane: drive.shownLane });
    expect(stateOf(drive)).toBe('live live');
  });

  it('is left alone while control says that the camera is the trouble, in control’s words', () => {
    const drive = new Drive().live();
    drive.tell({ type: 'external', state: { state: 'offline', reason: 'camera_unreachable' } });
    expect(stateOf(drive)).toBe('live live');
    drive.tell({ type: 'frozen', lane: drive.shownLane });
    expect(stateOf(drive)).toBe('offline camera_unreachable');
    drive.tell({ type: 'starved', lane: drive.shownLane });
    expect(drive.effects).toEqual([]);
  });

  it('is given up for the old one again when it moves before help arrives', () => {
    const drive = new Drive().live();
    drive.tell({ type: 'frozen', lane: drive.shownLane }).tell({ type: 'starved', lane: drive.shownLane });
    drive.tell({ type: 'retry' });
    const helper = drive.lane('webrtc');
    drive.tell({ type: 'moving', lane: drive.shownLane });
    expect(drive.effect('close')?.lane).toBe(helper);
    expect(drive.effect('end')).toBeUndefined();
  });

  it('races both protocols once one attempt has failed', () => {
    const drive = new Drive().live();
    drive.fails(drive.shownLane).tell({ type: 'retry' });
    drive.fails(drive.lane('webrtc')).fails(drive.lane('hls')).tell({ type: 'retry' });
    drive.refused('control_unreachable').tell({ type: 'retry' });
    expect(drive.effectsOf('open').map(({ grant }) => grant.protocol)).toEqual(['webrtc', 'hls']);
  });
});

describe('coming back', () => {
  it('tries the grant in hand first, then asks control, and ends the old view to make room', () => {
    const drive = new Drive().live();
    drive.fails(drive.shownLane);
    expect(drive.effect('retry_in')?.attempt).toBe(0);
    drive.tell({ type: 'retry' });
    expect(drive.types()).toContain('open');
    drive.fails(drive.lane('webrtc')).fails(drive.lane('hls'));
    expect(drive.effect('retry_in')?.attempt).toBe(1);
    drive.tell({ type: 'retry' });
    expect(drive.effect('start')?.replaces?.sessionId).toBe('v1');
  });

  it('goes on with the grant in hand while control is away', () => {
    const drive = new Drive().live();
    drive.fails(drive.shownLane).tell({ type: 'retry' });
    drive.fails(drive.lane('webrtc')).fails(drive.lane('hls')).tell({ type: 'retry' });
    drive.refused('control_unreachable');
    expect(stateOf(drive)).toBe('reconnecting control_unreachable');
    drive.tell({ type: 'retry' });
    expect(drive.effect('open')?.view.sessionId).toBe('v1');
  });

  it('asks control at once when the node refuses the grant', () => {
    const drive = new Drive().live();
    drive.fails(drive.shownLane).tell({ type: 'retry' });
    drive.fails(drive.lane('webrtc'), 'not_running', 'refused').tell({ type: 'retry' });
    expect(drive.effect('start')).toBeDefined();
  });

  it('counts failures until a picture has lasted', () => {
    const drive = new Drive().live();
    drive.fails(drive.shownLane).tell({ type: 'retry' });
    drive.tell({ type: 'first_frame', lane: drive.lane('webrtc') });
    expect(drive.machine.failures).toBe(1);
    drive.tell({ type: 'timer', name: 'settle' });
    expect(drive.machine.failures).toBe(0);
  });

  it('does not wait out a pause when the network or the camera is back', () => {
    for (const event of [
      { type: 'online' },
      { type: 'external', state: { state: 'live', reason: 'live' } },
    ] as const) {
      const drive = new Drive().live();
      drive.fails(drive.shownLane).tell(event);
      expect(drive.types()).toContain('open');
      expect(drive.types()).toContain('forget_retry');
    }
  });

  it('moves to a new view when control says so, the old picture staying until the new one shows', () => {
    const drive = new Drive().live();
    const old = drive.shownLane;
    drive.tell({ type: 'session_moved', sessionId: viewOf('v1').sessionId, reason: 'node_lost' });
    expect(drive.effect('start')).toMatchObject({ cause: 'move', replaces: null });
    expect(stateOf(drive)).toBe('live live');
    drive.started(viewOf('v2')).tell({ type: 'first_frame', lane: drive.lane('webrtc') });
    expect(drive.effect('close')?.lane).toBe(old);
    expect(drive.effect('end')?.view.sessionId).toBe('v1');
  });

  it('passes renewed tokens to every part that holds the view', () => {
    const drive = new Drive().live();
    const fresh = { ...viewOf('v1'), lifeMs: 1 };
    drive.tell({ type: 'renewed', view: fresh });
    expect([drive.machine.view, drive.machine.shown?.view]).toEqual([fresh, fresh]);
    expect(drive.effects).toEqual([]);
  });
});

describe('refusals', () => {
  it.each([
    ['at_capacity', 'at_capacity', 4000],
    ['quota_exceeded', 'at_capacity', 4000],
    ['camera_not_configured', 'not_configured', 30_000],
    ['camera_offline', 'offline', 0],
    ['no_node', 'connecting', 0],
  ] as const)('%s is shown as %s and asked again, not before its time', (code, state, floorMs) => {
    const drive = new Drive().play().refused(code);
    expect(describeStatus(drive.machine, null)).toMatchObject({ state, reason: code });
    expect(drive.effect('retry_in')?.floorMs).toBe(floorMs);
  });

  it.each([
    ['forbidden', 'forbidden'],
    ['unauthenticated', 'forbidden'],
    ['camera_not_found', 'ended'],
  ] as const)('%s is shown as %s and not asked again by itself', (code, state) => {
    const drive = new Drive().play().refused(code);
    expect(describeStatus(drive.machine, null)).toMatchObject({ state, reason: code });
    expect(drive.effect('retry_in')).toBeUndefined();
    drive.tell({ type: 'retry' }).tell({ type: 'online' });
    expect(drive.effect('start')).toBeUndefined();
    drive.play();
    expect(drive.effect('start')).toBeDefined();
  });

  it('a person who asks again does not wait out the pause', () => {
    const drive = new Drive().play().refused('at_capacity').play();
    expect(drive.effect('start')).toBeDefined();
    expect(drive.play().effects).toEqual([]);
  });

  it('obeys Retry-After', () => {
    expect(new Drive().play().refused('unavailable', 9000).effect('retry_in')?.floorMs).toBe(9000);
  });

  it('asks control why a node takes the view no more, and stays ended when a person ended it', () => {
    const drive = new Drive().live();
    drive.fails(drive.shownLane).tell({ type: 'retry' });
    drive.fails(drive.lane('webrtc'), 'session_revoked', 'refused');
    expect(drive.effect('check')?.view.sessionId).toBe('v1');
    drive.tell({ type: 'view_lost', sessionId: viewOf('v1').sessionId, revoked: 'session_revoked' });
    expect(stateOf(drive)).toBe('ended session_revoked');
    expect(drive.types()).toContain('close');
    expect(drive.effect('retry_in')).toBeUndefined();
  });

  it('starts again when the view merely ended', () => {
    const drive = new Drive().live();
    drive.fails(drive.shownLane).tell({ type: 'retry' });
    drive.fails(drive.lane('webrtc'), 'session_revoked', 'refused');
    drive.tell({ type: 'view_lost', sessionId: viewOf('v1').sessionId, revoked: null });
    expect(drive.effect('start')).toBeDefined();
  });

  it('ends at once when an administrator ends the view', () => {
    const drive = new Drive().live();
    drive.tell({ type: 'session_ended', sessionId: viewOf('v1').sessionId, reason: 'revoked' });
    expect(stateOf(drive)).toBe('ended session_revoked');
    expect(drive.types()).toEqual(expect.arrayContaining(['close', 'end']));
  });

  it('says so and asks for nothing when the camera may not be watched any more', () => {
    for (const reason of ['access_ended', 'denied_by_policy'] as const) {
      const drive = new Drive().live();
      drive.tell({ type: 'session_ended', sessionId: viewOf('v1').sessionId, reason });
      expect(stateOf(drive)).toBe(`forbidden ${reason}`);
      expect(drive.effect('retry_in')).toBeUndefined();
      drive.tell({ type: 'online' }).tell({ type: 'retry' });
      expect(drive.effect('start')).toBeUndefined();
    }
  });

  it('asks for nothing when a rule refuses it, or wants a reason first', () => {
    for (const code of ['denied_by_policy', 'reason_required'] as const) {
      const drive = new Drive().play().refused(code);
      expect(stateOf(drive)).toBe(`forbidden ${code}`);
      expect(drive.effect('retry_in')).toBeUndefined();
    }
  });
});

describe('another profile', () => {
  it('shows the old picture until the new one is there', () => {
    const drive = new Drive().live();
    const old = drive.shownLane;
    drive.tell({ type: 'profile', profile: 'main' });
    expect(drive.effect('start')).toMatchObject({ cause: 'switch', wish: { profile: 'main' } });
    drive.started({ ...viewOf('v2'), profile: 'main' });
    expect(drive.effect('close')).toBeUndefined();
    drive.tell({ type: 'first_frame', lane: drive.lane('webrtc') });
    expect(drive.types().indexOf('show')).toBeLessThan(drive.types().indexOf('close'));
    expect(drive.effect('close')?.lane).toBe(old);
    expect(drive.effect('end')?.view.sessionId).toBe('v1');
  });

  it('keeps the old picture and says so when it is refused', () => {
    const drive = new Drive().live();
    drive.tell({ type: 'profile', profile: 'main' }).refused('no_node');
    expect(drive.effect('switch_failed')).toEqual({
      type: 'switch_failed',
      profile: 'main',
      reason: 'no_node',
    });
    expect(stateOf(drive)).toBe('live live');
    expect(drive.machine.wish?.profile).toBeNull();
  });

  it('gives up the old view first where there is no room for both', () => {
    const drive = new Drive().live();
    drive.tell({ type: 'profile', profile: 'main' }).refused('quota_exceeded');
    expect(drive.effect('start')?.replaces?.sessionId).toBe('v1');
    drive.refused('quota_exceeded');
    expect(drive.effect('switch_failed')).toBeDefined();
    expect(drive.effect('retry_in')).toBeDefined();
  });

  it('is dropped when the old profile is wished for again before it is there', () => {
    const drive = new Drive().live();
    drive.tell({ type: 'profile', profile: 'main' }).started({ ...viewOf('v2'), profile: 'main' });
    const lane = drive.lane('webrtc');
    drive.tell({ type: 'profile', profile: 'sub' });
    expect(drive.effect('close')?.lane).toBe(lane);
    expect(drive.effect('end')?.view.sessionId).toBe('v2');
  });
});
