import { z } from 'zod';
import type { OddMedia } from './stream/odd-media.ts';

const delay = z.number().int().min(0).max(30_000);

/**
 * How a camera misbehaves. `drop` and `restart` happen once; the others last until the next fault or `none`.
 */
export const Fault = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('none') }),
  z
    .strictObject({ kind: z.literal('refuse') })
    .describe('Off: its ports refuse connections, and those it had are closed'),
  z
    .strictObject({ kind: z.literal('hang') })
    .describe('Accepts connections and reads requests, answers nothing, sends no picture'),
  z
    .strictObject({
      kind: z.literal('drop'),
      reset: z.boolean().default(false).describe('RST instead of FIN'),
    })
    .describe('Closes the RTSP connections that are open now, once'),
  z.strictObject({ kind: z.literal('freeze') }).describe('Answers, but sends no picture'),
  z
    .strictObject({ kind: z.literal('wrong-password') })
    .describe('Accepts no credentials; pictures already flowing go on'),
  z
    .strictObject({
      kind: z.literal('restart'),
      downMs: z.number().int().min(0).max(600_000).default(3000).describe('How long it is away'),
    })
    .describe('Closes everything and comes back on the same ports with new RTP state'),
  z
    .strictObject({ kind: z.literal('slow'), delayMs: delay.describe('Before each answer and picture') })
    .describe('Answers and pictures come late'),
  z
    .strictObject({
      kind: z.literal('odd-media'),
      lossPercent: z.number().min(0).max(100).default(0).describe('Packets that never leave'),
      markers: z.boolean().default(true).describe('false: no packet says that it ends a picture'),
      junk: z.boolean().default(false).describe('Bytes of nothing between the packets of a connection'),
    })
    .describe('Sends its media badly'),
]);
export type Fault = z.input<typeof Fault>;

/** The lasting part of a fault, as the camera's servers look at it before they act. */
export interface Misbehaviour {
  readonly hang: boolean;
  readonly freeze: boolean;
  readonly rejectCredentials: boolean;
  readonly delayMs: number;
  readonly media: OddMedia | undefined;
}

export const WELL_BEHAVED: Misbehaviour = {
  hang: false,
  freeze: false,
  rejectCredentials: false,
  delayMs: 0,
  media: undefined,
};

export function misbehaviourOf(fault: z.output<typeof Fault>): Misbehaviour {
  switch (fault.kind) {
    case 'hang':
      return { ...WELL_BEHAVED, hang: true, freeze: true };
    case 'freeze':
      return { ...WELL_BEHAVED, freeze: true };
    case 'wrong-password':
      return { ...WELL_BEHAVED, rejectCredentials: true };
    case 'slow':
      return { ...WELL_BEHAVED, delayMs: fault.delayMs };
    case 'odd-media':
      return { ...WELL_BEHAVED, media: fault };
    case 'none':
    case 'refuse':
    case 'drop':
    case 'restart':
      return WELL_BEHAVED;
  }
}
