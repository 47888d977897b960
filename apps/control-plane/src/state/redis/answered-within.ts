import { type Clock, VedetteError } from '@vedette/runtime';

/** Rejects with `unavailable` when there is no answer by then; a later one is let go. */
export function answeredWithin<T>(work: Promise<T>, ms: number, clock: Pick<Clock, 'after'>): Promise<T> {
  return new Promise((resolve, reject) => {
    const cancel = clock.after(ms, () =>
      reject(new VedetteError('unavailable', { detail: 'Redis does not answer.', retryAfterSeconds: 1 })),
    );
    work.then(resolve, reject).finally(cancel);
  });
}
