// Wires what the control processes of one system say to each other.
import type { Clock, Log } from '@vedette/runtime';
import type { EventBus } from '../events/event-bus.ts';
import type { ProcessBoard } from '../state/process-board.ts';
import { Duty } from './duty.ts';
import { ProcessNotes } from './process-notes.ts';
import { shareEvents } from './share-events.ts';

export interface Processes {
  /** Random for each life of this process. */
  readonly controlId: string;
  readonly board: ProcessBoard;
  readonly notes: Pick<ProcessNotes, 'tell' | 'onNote'>;
  /** Everything that one process does for all. */
  readonly duty: Pick<Duty, 'isMine' | 'onTaken'>;
}

/** Resolves once it is known whose the duty is, or that it cannot be known now. */
export async function openProcesses(options: {
  readonly controlId: string;
  readonly board: ProcessBoard;
  readonly bus: EventBus;
  readonly clock: Clock;
  readonly log: Log;
}): Promise<Processes & AsyncDisposable> {
  const { board, bus, clock, controlId, log } = options;
  const notes = new ProcessNotes({ board, log });
  const duty = new Duty({ board, name: 'background', owner: controlId, clock, log });
  const stop = shareEvents({ bus, notes });
  await duty.start();
  return {
    controlId,
    board,
    notes,
    duty,
    async [Symbol.asyncDispose]() {
      stop();
      await duty.close();
    },
  };
}
