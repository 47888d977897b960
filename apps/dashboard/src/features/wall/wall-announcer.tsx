import { useEffect, useRef, useState } from 'react';
import { announcement } from './announcement.ts';
import type { WallSignals } from './wall-signals.ts';
import type { WallState } from './wall-state.ts';

/** Says to screen readers what the wall shows to eyes. */
export function WallAnnouncer({
  signals,
  slots,
}: {
  readonly signals: WallSignals;
  readonly slots: WallState['slots'];
}) {
  const [text, setText] = useState('');
  const latest = useRef(slots);
  latest.current = slots;
  useEffect(() => {
    let before = signals.states;
    return signals.onStates(() => {
      const next = announcement(before, signals.states, latest.current);
      before = signals.states;
      if (next !== '') setText(next);
    });
  }, [signals]);
  return (
    <p role="status" className="sr-only">
      {text}
    </p>
  );
}
