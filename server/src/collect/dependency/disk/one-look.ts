/** Looks that hang, of all disks: each holds one of the few threads that reading and writing files have. */
let hanging = 0;
const mostHanging = 2;

/** Thrown in place of one more look at what hangs. */
class StillHangs extends Error {}

/**
 * A dead file system (a network's whose server is gone, a stopped FUSE daemon) lets nobody go who asks it: a look that does
 * not come back holds its thread until it does. So there is one at a time, and until it comes back there is no other.
 */
export function oneAtATime<T>(look: () => Promise<T>): () => Promise<T> {
  let sinceMs: number | null = null;
  return async () => {
    if (sinceMs !== null) {
      const seconds = Math.round((performance.now() - sinceMs) / 1000);
      throw new StillHangs(`the file system does not answer: the look from ${seconds} s ago still hangs`);
    }
    if (hanging >= mostHanging) throw new StillHangs(`not looked at: ${hanging} other file systems hang`);
    sinceMs = performance.now();
    hanging += 1;
    try {
      return await look();
    } finally {
      sinceMs = null;
      hanging -= 1;
    }
  };
}
