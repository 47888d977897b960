// Enters: what one control process has done. Leaves: word of it to the others, that they forget what they remember, or
// know what they would otherwise have to ask. Nothing depends on its arrival: what is missed is mended by time.
import {
  CameraId,
  EndedSession,
  LiveEvent,
  NodeId,
  ProfileName,
  Protocol,
  ReasonCode,
  SessionId,
  StartRequest,
  TenantId,
  UserId,
} from '@vedette/contracts';
import type { Log } from '@vedette/runtime';
import { z } from 'zod';
import { StartOfView } from '../sessions/view-memory.ts';
import type { ProcessBoard } from '../state/process-board.ts';

const ProcessNote = z.discriminatedUnion('kind', [
  /** Something happened that every process tells its browsers, and acts on. */
  z.object({
    kind: z.literal('event'),
    event: LiveEvent,
    owner: UserId.optional(),
    tenantId: TenantId.optional(),
  }),
  /** A view was granted; whoever sees it end writes that down. */
  z.object({ kind: z.literal('view-began'), sessionId: SessionId, start: StartOfView }),
  /** What a view is judged by later. */
  z.object({
    kind: z.literal('view-remembered'),
    view: z.object({
      sessionId: SessionId,
      userId: UserId,
      cameraId: CameraId,
      tenantId: TenantId,
      ask: z.object({
        request: StartRequest,
        wishedProtocol: Protocol.optional(),
        clientAddress: z.string().optional(),
      }),
      best: z.object({ profile: ProfileName, protocol: Protocol }),
    }),
  }),
  z.object({ kind: z.literal('on-screen'), sessionId: SessionId, seconds: z.number() }),
  /** How views ended on a node that the sender leads, which the receiver may be waiting for. */
  z.object({ kind: z.literal('told'), nodeId: NodeId, ended: z.array(EndedSession) }),
  /** A user or token lost its rights, or some of them. */
  z.object({ kind: z.literal('rights'), userId: UserId }),
  z.object({ kind: z.literal('rules'), tenantId: TenantId }),
  /** Whether a camera that nobody watches is there; null when it is. */
  z.object({
    kind: z.literal('asked'),
    cameraId: CameraId,
    atMs: z.number(),
    failure: ReasonCode.nullable(),
  }),
]);
export type ProcessNote = z.infer<typeof ProcessNote>;

export class ProcessNotes {
  readonly #board: Pick<ProcessBoard, 'tell' | 'onTold'>;
  readonly #log: Log;

  constructor(options: { readonly board: Pick<ProcessBoard, 'tell' | 'onTold'>; readonly log: Log }) {
    this.#board = options.board;
    this.#log = options.log;
  }

  tell(note: ProcessNote): void {
    this.#board.tell(JSON.stringify(note));
  }

  /** Hears the notes of the other processes; those that cannot be understood come from a newer one. Returns how to stop. */
  onNote(listener: (note: ProcessNote) => void): () => void {
    return this.#board.onTold((text) => {
      let note: ProcessNote;
      try {
        note = ProcessNote.parse(JSON.parse(text));
      } catch (err) {
        this.#log.debug({ err }, 'a note of another control process cannot be understood');
        return;
      }
      listener(note);
    });
  }
}
