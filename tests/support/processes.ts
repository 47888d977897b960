import { silentLog } from '@vedette/runtime';
import { EventBus } from '../../apps/control-plane/src/events/event-bus.ts';
import type { Processes } from '../../apps/control-plane/src/processes/open-processes.ts';
import { ProcessNotes } from '../../apps/control-plane/src/processes/process-notes.ts';
import { shareEvents } from '../../apps/control-plane/src/processes/share-events.ts';
import { MemoryProcessBoard } from '../../apps/control-plane/src/state/memory-process-board.ts';
import type { ProcessBoard } from '../../apps/control-plane/src/state/process-board.ts';

/** One control process with its board, or one that is alone; the duty is the first one's. */
export function paperProcesses(
  options: { readonly board?: ProcessBoard; readonly controlId?: string; readonly bus?: EventBus } = {},
): Processes {
  const { board = new MemoryProcessBoard(), controlId = 'control-1', bus = new EventBus() } = options;
  const notes = new ProcessNotes({ board, log: silentLog() });
  shareEvents({ bus, notes });
  return {
    controlId,
    board,
    notes,
    duty: { isMine: controlId === 'control-1', onTaken: () => () => undefined },
  };
}
