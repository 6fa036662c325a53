/**
 * Lets the event loop run between slices of long work: `await slice()` after each small piece gives way as soon as about
 * 5 ms have been spent since the last time.
 */
export function createSlicer(): () => Promise<void> | undefined {
  let startedMs = performance.now();
  return () => {
    if (performance.now() - startedMs < sliceMs) return undefined;
    return new Promise<void>((resolve) => {
      setImmediate(() => {
        startedMs = performance.now();
        resolve();
      });
    });
  };
}

const sliceMs = 5;
