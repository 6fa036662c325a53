import type { EpochMs } from "@mailtide/shared";
import type { CaptureCounts } from "./contract.ts";

const problemLimit = 20;

/** Counts what cannot be read, and remembers the first of it in words. */
export function unparsed(counts: CaptureCounts, atMs: EpochMs, problem: string): void {
  if (atMs >= counts.endMs) return;
  counts.unparsed++;
  if (counts.problems.length < problemLimit) counts.problems.push(problem);
}
