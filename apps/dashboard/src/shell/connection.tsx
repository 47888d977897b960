import { useEffect, useState, useSyncExternalStore } from 'react';
import { useServices } from '../api/services.ts';
import { classNames } from '../ui/class-names.ts';
import { StateMark } from '../ui/state-mark.tsx';

/** Control ends every line now and then, and browsers dial again within two seconds: that is no trouble. */
const TROUBLE_AFTER_MS = 4_000;

/** True once the line to control has been down for longer than a redial takes. */
function useTrouble(): boolean {
  const { events } = useServices();
  const status = useSyncExternalStore(
    (listener) => events.onStatus(listener),
    () => events.status,
  );
  const [trouble, setTrouble] = useState(false);
  const down = status === 'reconnecting' || status === 'connecting';
  useEffect(() => {
    if (!down) {
      setTrouble(false);
      return;
    }
    const timer = setTimeout(() => setTrouble(true), TROUBLE_AFTER_MS);
    return () => clearTimeout(timer);
  }, [down]);
  return trouble;
}

/** Takes the same room in either state. */
export function Connection() {
  const trouble = useTrouble();
  return (
    <div
      role="status"
      data-testid="connection"
      data-state={trouble ? 'reconnecting' : 'connected'}
      title={
        trouble
          ? 'The connection to control is lost and is being tried again. Running pictures go on.'
          : 'Connected to control; what you see is kept up to date.'
      }
      className={classNames(
        'flex h-7 w-34 items-center justify-center gap-2 rounded-md text-xs',
        trouble ? 'bg-warn-soft font-medium text-warn' : 'text-faint',
      )}
    >
      {trouble ? <StateMark shape="turning" tone="warn" /> : <StateMark shape="dot" tone="good" />}
      {trouble ? 'Reconnecting' : 'Connected'}
    </div>
  );
}

/** Hangs over the page's upper edge, so that nothing moves when it comes or goes. */
export function ConnectionBanner() {
  if (!useTrouble()) return null;
  return (
    <div
      data-testid="connection-banner"
      className="pointer-events-none absolute inset-x-0 top-12 z-30 flex justify-center"
    >
      <p className="rounded-b-lg border border-t-0 border-warn/50 bg-warn-soft px-4 py-1.5 text-text shadow-lg">
        <span className="font-medium text-warn">Control cannot be reached.</span> Running pictures go on;
        lists and states may be old.
      </p>
    </div>
  );
}
