/**
 * Calls back once the IPC channel to whoever started this process is closed, which may have happened already; never
 * where there is none. The answer stops listening: while somebody listens, the channel keeps this process alive.
 */
export function whenParentLeaves(callback: () => void): () => void {
  if (process.send === undefined) return () => undefined;
  process.once('disconnect', callback);
  // Gone while we started: nobody tells that again.
  if (!process.connected) callback();
  return () => process.off('disconnect', callback);
}

/**
 * Runs until SIGINT, SIGTERM or the end of the parent's IPC channel, then calls `close` once.
 * A close that takes longer than `graceMs` is cut short: whoever asked must not wait.
 */
export async function runUntilSignal(close: () => Promise<void>, graceMs = 2000): Promise<void> {
  await new Promise<void>((resolve) => {
    process.once('SIGINT', () => resolve());
    process.once('SIGTERM', () => resolve());
    whenParentLeaves(resolve);
  });
  const cut = setTimeout(() => process.exit(1), graceMs);
  cut.unref();
  await close();
  clearTimeout(cut);
  process.exit(0);
}
