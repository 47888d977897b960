import { systemClock } from '@vedette/runtime';

const EVERY_MS = 50;

/** Asks again and again until the answer is yes; rejects with the signal's reason. */
export async function waitUntil(check: () => Promise<boolean>, signal: AbortSignal): Promise<void> {
  while (!(await check())) await systemClock.sleep(EVERY_MS, signal);
}
