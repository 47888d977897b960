import type { SessionId, SessionView } from '@vedette/contracts';
import { useEffect, useRef, useState } from 'react';
import { type Reading, sendRates } from './send-rates.ts';

/** Bits a second of each session, from one renewal of the list to the next. */
export function useSendRates(sessions: readonly SessionView[]): ReadonlyMap<SessionId, number> {
  const before = useRef<Reading>(undefined);
  const [rates, setRates] = useState<ReadonlyMap<SessionId, number>>(new Map());
  useEffect(() => {
    const after = {
      atMs: performance.now(),
      bytes: new Map(sessions.map(({ id, bytesSent }) => [id, bytesSent])),
    };
    setRates(sendRates(before.current, after));
    before.current = after;
  }, [sessions]);
  return rates;
}
