import type { EpochMs, RecordingSection, Seconds } from "@mailtide/shared";
import type { Capture, CaptureMeta } from "../contract.ts";
import { runCapture } from "../run.ts";
import { type Group, GroupEncoder } from "./group.ts";
import { MarkBook } from "./marks.ts";

/** What becomes known while a recording is computed. */
export type Computed =
  | { readonly kind: "group"; readonly group: Group; readonly marks: MarkList | null }
  /** Computed to its end, or as far as there was room. */
  | { readonly kind: "done"; readonly isWhole: boolean };
export type CaptureSummary = Pick<CaptureMeta, "name" | "simulated" | "fromMs" | "toMs">;
export type MarkList = Pick<RecordingSection, "marks" | "marksLeftOut">;

/** The steps in which states are wanted from now on; null when there is no more room. */
export type Wanted = Seconds | null;

/**
 * Plays a recording once, as fast as it goes, through the same core as live, and hands out every state. Computing waits
 * until each group was taken.
 */
export async function computeFrames(
  capture: Capture,
  untilMs: EpochMs | null,
  tell: (computed: Computed) => Promise<Wanted>,
): Promise<void> {
  const encoder = new GroupEncoder();
  const book = new MarkBook();
  const full = new AbortController();
  let hasNews = false;

  async function give(group: Group | null): Promise<void> {
    if (group === null) return;
    const wanted = await tell({ kind: "group", group, marks: hasNews ? book.marks() : null });
    hasNews = false;
    if (wanted === null) full.abort();
    else encoder.stepSeconds = wanted;
  }

  await runCapture({
    capture,
    signal: full.signal,
    ...(untilMs === null ? {} : { untilMs }),
    async onTurn({ state }) {
      hasNews = book.note(state) || hasNews;
      const group = encoder.add(state);
      if (group !== null) await give(group);
    },
  });
  const isWhole = !full.signal.aborted;
  if (isWhole) await give(encoder.end());
  await tell({ kind: "done", isWhole });
}
