import { whenParentLeaves } from '@vedette/runtime';
import { System, type SystemOptions } from './system.ts';

/**
 * Runs the system until Ctrl-C, SIGTERM, the end of whoever started it with an IPC channel, or a process that cannot be kept running; then ends every process.
 * `whenListening` and `whenReady` are the command's own part.
 */
export async function runSystem(
  options: SystemOptions,
  steps: {
    prepare?: () => Promise<void>;
    whenListening?: (system: System, signal: AbortSignal) => Promise<void>;
    whenReady: (system: System) => Promise<void>;
  },
): Promise<void> {
  const stop = new AbortController();
  const onSignal = () => stop.abort(new Error('stopped'));
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  process.on('SIGHUP', onSignal);
  const stay = whenParentLeaves(onSignal);
  const system = new System(options);
  const ended = AbortSignal.any([stop.signal, system.failed]);
  try {
    await Promise.race([start(system, steps, ended), aborted(ended)]);
    await aborted(ended);
  } catch (error) {
    if (!stop.signal.aborted) {
      await system.close();
      const why = system.explanation();
      throw new Error(
        `${error instanceof Error ? error.message : String(error)}${why === '' ? '' : `\n${why}`}`,
      );
    }
  } finally {
    stay();
    await system.close();
  }
}

async function start(
  system: System,
  steps: Parameters<typeof runSystem>[1],
  signal: AbortSignal,
): Promise<void> {
  const prepared = steps.prepare?.();
  // A build that fails while control starts is reported below, not as an unhandled rejection.
  prepared?.catch(() => undefined);
  await system.listening(signal);
  await prepared;
  await steps.whenListening?.(system, signal);
  await system.ready(signal);
  await steps.whenReady(system);
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    else signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}
