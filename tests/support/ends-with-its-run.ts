// In each worker: vitest's own go on with their test when vitest is gone, and with them everything that the test started.
if (process.send !== undefined && process.listenerCount('disconnect') === 0)
  process.once('disconnect', () => process.exit(1));
