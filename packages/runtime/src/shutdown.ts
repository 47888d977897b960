/**
 * Runs until SIGINT, SIGTERM or the end of the parent's IPC channel, then calls `close` once.
 * A close that takes longer than `graceMs` is cut short: whoever asked must not wait.
 */
export async function runUntilSignal(close: () => Promise<void>, graceMs = 2000): Promise<void> {
  await new Promise<void>((resolve) => {
    process.once('SIGINT', () => resolve());
    process.once('SIGTERM', () => resolve());
    if (process.send !== undefined) process.once('disconnect', () => resolve());
  });
  const cut = setTimeout(() => process.exit(1), graceMs);
  cut.unref();
  await close();
  clearTimeout(cut);
  process.exit(0);
}
