/** To be asked after each small piece of long work: a promise to wait for, when it is others' turn. */
export type Slice = () => Promise<void> | undefined;

/**
 * Lets the event loop run between slices of long work: `await slice()` after each small piece gives way as soon as about 5 ms
 * have been spent since a slice last began, whoever's it was. Of all that gave way one goes on in a turn of the loop, and what
 * comes in beside it does a piece and waits for its own: ten listings at once hold the loop no longer than one.
 * `looksEvery`: where pieces take less than it takes to look at the clock.
 */
export function createSlicer(looksEvery = 1): Slice {
  let pieces = 0;
  return () => {
    pieces += 1;
    if (pieces % looksEvery !== 0 || performance.now() - beganMs < sliceMs) return undefined;
    return new Promise<void>((resolve) => {
      waiting.push(resolve);
      if (waiting.length === 1) setImmediate(goOn);
    });
  };
}

/** Goes through all steps, and gives way between them. */
export async function inSlices<Result>(steps: Iterator<void, Result, void>): Promise<Result> {
  const slice = createSlicer();
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
    const pause = slice();
    if (pause !== undefined) await pause;
  }
}

/** Those that gave way, the first to go on first. */
const waiting: (() => void)[] = [];

/** The last slice. */
let beganMs = -Infinity;

function goOn(): void {
  beganMs = performance.now();
  waiting.shift()?.();
  if (waiting.length > 0) setImmediate(goOn);
}

const sliceMs = 5;
