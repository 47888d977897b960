import type { CameraState, ReasonCode } from '@vedette/contracts';
import { REASON_TEXT } from '@vedette/contracts/reason-text';
import type { PlayerMachine } from './player-machine.ts';
import type { PlayerState, PlayerStatus } from './player-status.ts';

interface Word {
  readonly state: PlayerState;
  readonly reason: ReasonCode;
}

/** What the operator is told about the machine; everything but the age of the picture follows from it. */
export function describeStatus(machine: PlayerMachine, pictureAgeMs: number | null): PlayerStatus {
  const { state, reason } = wordOf(machine);
  const { pending, shown } = machine;
  const soundOnly = shown?.soundOnly === true;
  return {
    state,
    reason,
    sentence: soundOnly ? (SOUND_TEXT[reason] ?? REASON_TEXT[reason]) : REASON_TEXT[reason],
    protocol: shown?.protocol ?? null,
    profile: shown?.view.profile ?? null,
    soundOnly,
    detour: shown?.detour ?? null,
    pictureAgeMs: shown === null ? null : pictureAgeMs,
    sessionId: (shown?.view ?? pending?.view ?? machine.view)?.sessionId ?? null,
    failedAttempts: machine.failures,
  };
}

function wordOf(machine: PlayerMachine): Word {
  const { external, halted, shown, trouble, wish } = machine;
  if (wish === null) return { state: 'idle', reason: 'waiting_for_viewer' };
  if (shown !== null && shown.fault === null) return { state: 'live', reason: 'live' };
  if (halted !== null) return { state: haltedWord(halted), reason: halted };
  if (external !== null && isTrouble(external.state))
    return { state: STATE_OF_CALM[external.reason] ?? external.state, reason: external.reason };
  const reason = trouble ?? shown?.fault ?? null;
  const state = reason === null ? undefined : STATE_OF[reason];
  if (reason !== null && state !== undefined) return { state, reason };
  if (shown !== null) return { state: 'reconnecting', reason: reason ?? 'picture_stalled' };
  if (reason !== null) return { state: 'connecting', reason };
  if (external?.state === 'connecting')
    return { state: STATE_OF_CALM[external.reason] ?? 'connecting', reason: external.reason };
  const waitsForPicture = machine.pending?.lanes.some((lane) => lane.stage === 'connected') === true;
  return { state: 'connecting', reason: waitsForPicture ? 'waiting_for_key_frame' : 'connecting' };
}

function haltedWord(reason: ReasonCode): PlayerState {
  return STATE_OF[reason] ?? 'ended';
}

function isTrouble(state: CameraState): state is 'offline' | 'not_configured' | 'reconnecting' {
  return state === 'offline' || state === 'not_configured' || state === 'reconnecting';
}

/** Of a stream without a picture. */
const SOUND_TEXT: Partial<Record<ReasonCode, string>> = {
  live: 'Live sound; this stream has no picture.',
  picture_stalled: 'No sound arrives any more.',
  camera_stalled: 'The source stopped sending while the connection stayed open.',
};

/** Nothing that anybody has to see to, however control files it. */
const STATE_OF_CALM: Partial<Record<ReasonCode, PlayerState>> = {
  waiting_for_publisher: 'waiting',
  ffmpeg_queued: 'waiting',
  source_ended: 'ended',
};

/** Reasons that have a word of their own, whatever went before. */
const STATE_OF: Partial<Record<ReasonCode, PlayerState>> = {
  ...STATE_OF_CALM,
  at_capacity: 'at_capacity',
  quota_exceeded: 'at_capacity',
  forbidden: 'forbidden',
  unauthenticated: 'forbidden',
  csrf_rejected: 'forbidden',
  access_ended: 'forbidden',
  denied_by_policy: 'forbidden',
  reason_required: 'forbidden',
  camera_not_configured: 'not_configured',
  camera_offline: 'offline',
  camera_refused: 'offline',
  camera_unreachable: 'offline',
  camera_timeout: 'offline',
  camera_not_found_on_device: 'offline',
  camera_credentials_rejected: 'offline',
  certificate_rejected: 'offline',
  camera_busy: 'offline',
  codec_unsupported: 'offline',
  source_not_allowed: 'offline',
  source_not_found: 'offline',
  ffmpeg_missing: 'offline',
  ffmpeg_failed: 'offline',
};
