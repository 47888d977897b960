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
  return {
    state,
    reason,
    sentence: REASON_TEXT[reason],
    protocol: shown?.protocol ?? null,
    profile: shown?.view.profile ?? null,
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
    return { state: external.state, reason: external.reason };
  const reason = trouble ?? shown?.fault ?? null;
  const state = reason === null ? undefined : STATE_OF[reason];
  if (reason !== null && state !== undefined) return { state, reason };
  if (shown !== null) return { state: 'reconnecting', reason: reason ?? 'picture_stalled' };
  if (reason !== null) return { state: 'connecting', reason };
  if (external?.state === 'connecting') return { state: 'connecting', reason: external.reason };
  const waitsForPicture = machine.pending?.lanes.some((lane) => lane.stage === 'connected') === true;
  return { state: 'connecting', reason: waitsForPicture ? 'waiting_for_key_frame' : 'connecting' };
}

function haltedWord(reason: ReasonCode): PlayerState {
  return STATE_OF[reason] ?? 'ended';
}

function isTrouble(state: CameraState): state is 'offline' | 'not_configured' | 'reconnecting' {
  return state === 'offline' || state === 'not_configured' || state === 'reconnecting';
}

/** Reasons that have a word of their own, whatever went before. */
const STATE_OF: Partial<Record<ReasonCode, PlayerState>> = {
  at_capacity: 'at_capacity',
  quota_exceeded: 'at_capacity',
  forbidden: 'forbidden',
  unauthenticated: 'forbidden',
  csrf_rejected: 'forbidden',
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
};
