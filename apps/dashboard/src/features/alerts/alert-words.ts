import type { AlertTargetView, DeliveryState } from '@vedette/contracts';
import type { MarkShape, Tone } from '../../ui/state-mark.tsx';

type AlertEvent = AlertTargetView['events'][number];

/** What somebody can be told of, in the order in which it is offered. */
export const EVENTS: readonly { readonly value: Exclude<AlertEvent, 'test'>; readonly label: string }[] = [
  { value: 'camera.offline', label: 'A camera goes' },
  { value: 'camera.online', label: 'A camera is back' },
  { value: 'camera.unstable', label: 'A camera comes and goes' },
  { value: 'node.lost', label: 'A media node is lost' },
  { value: 'node.back', label: 'A media node is back' },
  { value: 'stream.error', label: 'A stream fails' },
  { value: 'stream.started', label: 'A stream starts' },
  { value: 'stream.stopped', label: 'A stream stops' },
];

export function eventsWords(events: readonly AlertEvent[]): string {
  const labels = EVENTS.filter(({ value }) => events.includes(value)).map(({ label }) => label);
  return labels.length === EVENTS.length ? 'Everything' : labels.join(', ');
}

export function destinationWords({ destination }: Pick<AlertTargetView, 'destination'>): string {
  return destination.kind === 'email' ? destination.to : destination.url;
}

export const DELIVERY_STATES: Readonly<
  Record<DeliveryState, { readonly word: string; readonly tone: Tone; readonly shape: MarkShape }>
> = {
  pending: { word: 'On its way', tone: 'busy', shape: 'ring' },
  done: { word: 'Arrived', tone: 'good', shape: 'dot' },
  dead: { word: 'Given up', tone: 'bad', shape: 'cross' },
};
