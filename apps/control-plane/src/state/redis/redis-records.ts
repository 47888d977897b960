// What the scripts keep and answer as lines of text (lua/streams.lua, lua/views.lua), and as what it is known here.
import {
  CameraId,
  NodeId,
  ProfileName,
  Protocol,
  ReasonCode,
  SessionId,
  StreamPath,
  UserId,
} from '@vedette/contracts';
import { z } from 'zod';
import type { EndedView, FullOffer, LimitName, StreamRecord, ViewRecord } from '../shared-state.ts';

const number = z.string().transform(Number);

const ViewLines = z
  .tuple(
    [
      SessionId,
      UserId,
      CameraId,
      ProfileName,
      StreamPath,
      NodeId,
      Protocol,
      z.string().transform((text) => Protocol.array().parse(text.split(','))),
      z.enum(['granted', 'connected']),
      number,
      number,
      number,
      number,
    ],
    z.string(),
  )
  .transform(
    ([
      sessionId,
      userId,
      cameraId,
      profile,
      path,
      nodeId,
      protocol,
      granted,
      state,
      startedAtMs,
      connectBeforeMs,
      tier,
      order,
      ...counters
    ]): ViewRecord => ({
      sessionId,
      userId,
      cameraId,
      profile,
      path,
      nodeId,
      protocol,
      granted,
      state,
      startedAtMs,
      connectBeforeMs,
      counters,
      tier,
      order,
    }),
  );

const StreamLines = z
  .tuple(
    [
      number,
      StreamPath,
      CameraId,
      ProfileName,
      NodeId,
      number,
      number,
      z.enum(['0', '1']),
      number,
      z.string(),
    ],
    z.string(),
  )
  .transform(
    ([
      views,
      path,
      cameraId,
      profile,
      nodeId,
      fence,
      ttlMs,
      alwaysOn,
      keepUntilMs,
      _place,
      ...budgets
    ]): StreamRecord => ({
      path,
      cameraId,
      profile,
      nodeId,
      fence,
      ttlMs,
      alwaysOn: alwaysOn === '1',
      budgets,
      views,
      keepUntilMs,
    }),
  );

const LIMIT_NAMES = [
  'camera',
  'node',
  'device',
  'site',
  'user',
  'token',
  'tenant',
  'quota-group',
  'quota-total',
  'policy',
] as const satisfies readonly LimitName[];

const FullLines = z
  .tuple([Protocol, ProfileName, z.enum(LIMIT_NAMES), z.string()])
  .transform(([protocol, profile, limit, key]): FullOffer => ({ protocol, profile, limit, key }));

/** One record; throws ZodError when it is none. */
export const viewOf = (text: string): ViewRecord => ViewLines.parse(text.split('\n'));
export const streamOf = (text: string): StreamRecord => StreamLines.parse(text.split('\n'));
export const fullOf = (text: string): FullOffer => FullLines.parse(text.split('\n'));

export function endedOf(text: string): EndedView {
  const [reason, endedAtMs, ...view] = text.split('\n');
  return {
    view: ViewLines.parse(view),
    reason: ReasonCode.parse(reason),
    endedAtMs: Number(endedAtMs),
  };
}

/** In an answer of a script. */
export const PackedView = z.string().transform(viewOf);
export const PackedStream = z.string().transform(streamOf);
export const PackedEnded = z.string().transform(endedOf);
export const PackedFull = z.string().transform(fullOf);
export const PackedNumber = number;
