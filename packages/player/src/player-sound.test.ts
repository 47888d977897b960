// Decisions of player-state.ts about sound, about streams without a picture, and about streams that are not for WebRTC.
import type { CameraState, ReasonCode } from '@vedette/contracts';
import { describe, expect, it } from 'vitest';
import { describeStatus } from './describe-status.ts';
import { Drive, viewOf } from './player-state.fixture.ts';

const status = (drive: Drive) => describeStatus(drive.machine, 0);
const unfit = (reason: ReasonCode) => new Map([['sub', reason]] as const);

describe('sound', () => {
  it('is not asked for until somebody wants it, and then by a connection that takes over from the silent one', () => {
    const drive = new Drive().live();
    const silent = drive.shownLane;
    drive.tell({ type: 'sound', wanted: true });
    expect(drive.effect('prepare')).toMatchObject({ audio: true });
    expect(status(drive).state).toBe('live');
    drive.started(viewOf('v2'));
    const lane = drive.lane('webrtc');
    drive.tell({ type: 'connected', lane }).tell({ type: 'first_frame', lane });
    expect(drive.machine.shown).toMatchObject({ lane, audio: true });
    expect(drive.effectsOf('close').map((effect) => effect.lane)).toEqual([silent]);
    expect(drive.effectsOf('end').map(({ view }) => view.sessionId)).toEqual(['v1']);
  });

  it('that comes already, or over HLS, needs no other connection', () => {
    const heard = new Drive().play({ audio: true }).started(viewOf('v1'));
    expect(heard.effect('open')).toMatchObject({ audio: true });
    heard.tell({ type: 'first_frame', lane: heard.lane('webrtc') });
    expect(
      heard.tell({ type: 'sound', wanted: false }).tell({ type: 'sound', wanted: true }).types(),
    ).toEqual([]);
    expect(new Drive().liveByHls().tell({ type: 'sound', wanted: true }).types()).toEqual([]);
  });

  it('wanted before the first picture is asked for as soon as that is there', () => {
    const drive = new Drive().play().started(viewOf('v1'));
    expect(drive.tell({ type: 'sound', wanted: true }).types()).toEqual([]);
    drive.tell({ type: 'first_frame', lane: drive.lane('webrtc') });
    expect(drive.machine.pending).toMatchObject({ cause: 'switch' });
    expect(drive.effect('prepare')).toMatchObject({ audio: true });
  });

  it('that cannot be had leaves the picture as it is, and is not asked for again and again', () => {
    const drive = new Drive().live().tell({ type: 'sound', wanted: true }).refused('internal_error');
    expect(status(drive).state).toBe('live');
    expect(drive.machine.pending).toBeNull();
    expect(drive.tell({ type: 'timer', name: 'settle' }).types()).toEqual([]);
  });
});

describe('a stream without a picture', () => {
  it('is live by its sound, and stays on HLS', () => {
    const drive = new Drive().play().started(viewOf('v1'));
    drive.fails(drive.lane('webrtc'), 'no_common_codec', 'unfit');
    drive.tell({ type: 'first_sound', lane: drive.lane('hls') });
    expect(status(drive)).toMatchObject({
      state: 'live',
      soundOnly: true,
      sentence: 'Live sound; this stream has no picture.',
    });
    expect(drive.effectsOf('arm').map(({ timer }) => timer)).not.toContain('upgrade');
    drive.tell({ type: 'frozen', lane: drive.shownLane });
    expect(status(drive)).toMatchObject({ state: 'reconnecting', sentence: 'No sound arrives any more.' });
  });
});

describe('sound that HLS has in a codec which the browser lacks', () => {
  const refused = () => {
    const drive = new Drive().play().started(viewOf('v1'));
    drive.fails(drive.lane('webrtc'), 'no_common_codec', 'unfit');
    return drive.fails(drive.lane('hls'), 'no_common_codec', 'unfit');
  };

  it('is asked for over WebRTC, although nobody wants to hear it yet, and so from then on', () => {
    const drive = refused();
    expect(drive.effect('open')).toMatchObject({ grant: { protocol: 'webrtc' }, audio: true });
    expect(drive.effect('sound_needed')).toEqual({ type: 'sound_needed', profile: 'sub' });
    const next = new Drive();
    next.circumstances = { ...next.circumstances, soundNeeded: new Set(['sub']) };
    expect(next.play().effect('prepare')).toMatchObject({ audio: true });
  });

  it('that WebRTC has neither is an outage with pauses, not a circle', () => {
    const drive = refused();
    drive.circumstances = { ...drive.circumstances, soundNeeded: new Set(['sub']) };
    drive.fails(drive.lane('webrtc'), 'no_common_codec', 'unfit');
    drive.fails(drive.lane('hls'), 'no_common_codec', 'unfit');
    expect(drive.machine).toMatchObject({ pending: null, waiting: true, failures: 1 });
  });
});

describe('a stream that WebRTC cannot carry', () => {
  it('comes by HLS at once, and the page is told for the next time', () => {
    const drive = new Drive().play().started(viewOf('v1'));
    drive.fails(drive.lane('webrtc'), 'has_b_frames', 'unfit');
    expect(drive.effect('unfit')).toEqual({ type: 'unfit', profile: 'sub', reason: 'has_b_frames' });
    expect(drive.effect('open')).toMatchObject({ grant: { protocol: 'hls' } });
    drive.circumstances = { ...drive.circumstances, unfit: unfit('has_b_frames') };
    drive.tell({ type: 'first_frame', lane: drive.lane('hls') });
    expect(status(drive)).toMatchObject({ state: 'live', protocol: 'hls', detour: 'has_b_frames' });
    expect(drive.effectsOf('arm').map(({ timer }) => timer)).not.toContain('upgrade');
    expect(drive.tell({ type: 'timer', name: 'upgrade' }).types()).toEqual([]);
  });

  it('is known by the end of its view, too: the node may find out while it sends', () => {
    const drive = new Drive().live();
    const { sessionId } = viewOf('v1');
    drive.tell({ type: 'session_ended', sessionId, reason: 'has_b_frames' });
    expect(drive.effect('unfit')).toEqual({ type: 'unfit', profile: 'sub', reason: 'has_b_frames' });
    drive.circumstances = { ...drive.circumstances, unfit: unfit('has_b_frames') };
    drive.started(viewOf('v2'));
    expect(drive.effectsOf('open').map(({ grant }) => grant.protocol)).toEqual(['hls']);
  });

  it('is not asked for over WebRTC again, neither by a new start nor after a failure', () => {
    const drive = new Drive();
    drive.circumstances = { ...drive.circumstances, udp: true, unfit: unfit('has_b_frames') };
    drive.play();
    expect(drive.effect('prepare')).toBeUndefined();
    drive.started(viewOf('v1'));
    expect(drive.effectsOf('open').map(({ grant }) => grant.protocol)).toEqual(['hls']);
    drive.tell({ type: 'first_frame', lane: drive.lane('hls') });
    drive.fails(drive.shownLane).tell({ type: 'retry' });
    expect(drive.effectsOf('open').map(({ grant }) => grant.protocol)).toEqual(['hls']);
  });

  it('speaks for itself: another stream of the same camera is tried over WebRTC', () => {
    const drive = new Drive();
    drive.circumstances = { ...drive.circumstances, unfit: new Map([['main', 'has_b_frames']]) };
    drive.play().started(viewOf('v1'));
    expect(drive.effectsOf('open').map(({ grant }) => grant.protocol)).toEqual(['webrtc']);
  });

  it('is asked for all the same where the page wants WebRTC and nothing else', () => {
    const drive = new Drive();
    drive.circumstances = { ...drive.circumstances, unfit: unfit('has_b_frames') };
    drive.play({ protocol: 'webrtc' }).started(viewOf('v1'));
    expect(drive.effectsOf('open').map(({ grant }) => grant.protocol)).toEqual(['webrtc']);
  });
});

describe('what is no alarm', () => {
  const told = (state: CameraState, reason: ReasonCode) =>
    status(new Drive().play().tell({ type: 'external', state: { state, reason } })).state;

  it('is an encoder that has not come yet, a queue, or a file at its end', () => {
    expect(told('offline', 'waiting_for_publisher')).toBe('waiting');
    expect(told('connecting', 'waiting_for_publisher')).toBe('waiting');
    expect(told('connecting', 'ffmpeg_queued')).toBe('waiting');
    expect(told('offline', 'source_ended')).toBe('ended');
  });

  it('is not a file that is missing, or a node without FFmpeg', () => {
    expect(told('offline', 'source_not_found')).toBe('offline');
    expect(told('offline', 'ffmpeg_missing')).toBe('offline');
  });
});
