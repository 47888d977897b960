import type { ProbeResult, Problem } from '@vedette/contracts';
import { useEffect, useRef, useState } from 'react';
import type { ApiResult } from '../../api/api-result.ts';

interface Probe {
  readonly busy: boolean;
  readonly result: ProbeResult | undefined;
  readonly problem: Problem | undefined;
  readonly run: (call: (signal: AbortSignal) => Promise<ApiResult<ProbeResult>>) => Promise<void>;
  readonly forget: () => void;
}

const NOTHING = { busy: false, result: undefined, problem: undefined } as const;

/** One test of a camera at a time; another one, or leaving, calls off the one before. */
export function useProbe(): Probe {
  const [state, setState] = useState<Pick<Probe, 'busy' | 'result' | 'problem'>>(NOTHING);
  const running = useRef<AbortController>(undefined);
  useEffect(() => () => running.current?.abort(), []);
  return {
    ...state,
    run: async (call) => {
      running.current?.abort();
      const control = new AbortController();
      running.current = control;
      setState({ ...NOTHING, busy: true });
      try {
        const answer = await call(control.signal);
        setState(answer.ok ? { ...NOTHING, result: answer.value } : { ...NOTHING, problem: answer.problem });
      } catch (error) {
        if (!control.signal.aborted) throw error;
      }
    },
    forget: () => {
      running.current?.abort();
      setState(NOTHING);
    },
  };
}
