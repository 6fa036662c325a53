// One run in a process of its own, so that its memory goes with it. Started by jobs.ts.
import { productDigest } from "./cache.ts";
import type { FromChild, ToChild } from "./jobs.ts";
import { playCell } from "./play.ts";

const tell = (message: FromChild) => void process.send?.(message);
const progressMs = 300;

/** Whoever started it is gone: so is the reason to go on. */
const orphaned = () => process.exit(1);
process.once("disconnect", orphaned);
process.once("message", (message: ToChild) => {
  void run(message)
    .catch((error: unknown) => tell({ kind: "failed", why: error instanceof Error ? error.message : String(error) }))
    .finally(() => {
      process.off("disconnect", orphaned);
      process.disconnect();
    });
});

async function run({ cell, paths, keep, digest }: ToChild): Promise<void> {
  const startedMs = performance.now();
  let toldMs = -Infinity;
  const check = () => {
    if (productDigest() !== digest) throw new Error("the product's sources changed while it was played");
  };
  check();
  const lines = await playCell(cell, {
    paths,
    keep,
    onProgress(stage, share) {
      if (performance.now() - toldMs < progressMs) return;
      toldMs = performance.now();
      tell({ kind: "progress", stage, share });
    },
  });
  check();
  tell({ kind: "done", lines, seconds: (performance.now() - startedMs) / 1000 });
}
