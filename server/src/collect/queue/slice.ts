/**
 * Lets the event loop run between slices of long work: `await slice()` after each small piece gives way as soon as about
 * 5 ms have been spent since the last time. `looksEvery`: where pieces take less than it takes to look at the clock.
 */
export function createSlicer(looksEvery = 1): () => Promise<void> | undefined {
  let startedMs = performance.now();
  let pieces = 0;
  return () => {
    pieces += 1;
    if (pieces % looksEvery !== 0 || performance.now() - startedMs < sliceMs) return undefined;
    return new Promise<void>((resolve) => {
      setImmediate(() => {
        startedMs = performance.now();
        resolve();
      });
    });
  };
}

const sliceMs = 5;
