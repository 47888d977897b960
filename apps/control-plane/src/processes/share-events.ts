import type { LiveEvent } from '@vedette/contracts';
import type { EventBus } from '../events/event-bus.ts';
import type { ProcessNotes } from './process-notes.ts';

/** How cameras and nodes are every process hears from the nodes themselves. */
const SHARED: ReadonlySet<LiveEvent['type']> = new Set<LiveEvent['type']>([
  'session.started',
  'session.ended',
  'session.move',
  'camera.changed',
  'camera.deleted',
]);

/** What happens in one control process is told on the bus of each; returns how to stop. */
export function shareEvents(options: {
  readonly bus: EventBus;
  readonly notes: Pick<ProcessNotes, 'tell' | 'onNote'>;
}): () => void {
  const { bus, notes } = options;
  const stops = [
    bus.subscribe(({ event, isForeign, owner, tenantId }) => {
      if (isForeign !== true && SHARED.has(event.type)) notes.tell({ kind: 'event', event, owner, tenantId });
    }),
    notes.onNote((note) => {
      if (note.kind !== 'event') return;
      const { event, owner, tenantId } = note;
      bus.publish(event, {
        isForeign: true,
        ...(owner === undefined ? {} : { owner }),
        ...(tenantId === undefined ? {} : { tenantId }),
      });
    }),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}
