// One line to control for all windows of this browser. In: ports of pages. Out: every message of the link, to all.
import { EventLink, type LinkMessage } from '@vedette/player/event-link';

/** What a page says to the worker. */
export type PageMessage = 'connect' | 'disconnect' | 'leave';

interface WorkerScope {
  onconnect: ((event: MessageEvent) => void) | null;
}

const ports = new Set<MessagePort>();
const link = new EventLink({
  fetch: (url, init) => fetch(url, init),
  publish: (message: LinkMessage) => {
    for (const port of ports) port.postMessage(message);
  },
  setTimer: (callback, delayMs) => {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  },
  random: Math.random,
});

function join(port: MessagePort): void {
  ports.add(port);
  port.postMessage(link.status);
}

(globalThis as unknown as WorkerScope).onconnect = (event) => {
  const port = event.ports[0];
  if (port === undefined) return;
  port.onmessage = ({ data }: MessageEvent<PageMessage>) => {
    if (data === 'leave') ports.delete(port);
    else if (data === 'disconnect') link.close();
    else {
      if (!ports.has(port)) join(port);
      link.connect();
    }
  };
  join(port);
};
