import type { EpochMs, Millis } from "@mailtide/shared";
import { setTimeout as sleep } from "node:timers/promises";
import type { OutboxRow } from "../store/state.ts";
import type { Notifier, SendResult } from "./notifier.ts";

export interface Job {
  readonly row: OutboxRow;
  readonly notifier: Notifier;
  /** Aborted when the pipeline stops, or at the deadline further in. */
  readonly signal: AbortSignal;
}

/** Part of the way of one notification: does its own, and calls the rest. */
export type Stage = (job: Job, next: (job: Job) => Promise<SendResult>) => Promise<SendResult>;

/** Stages in order; the last one must not call on. */
export const inOrder =
  (stages: readonly Stage[]) =>
  (job: Job): Promise<SendResult> => {
    const run = (at: number, now: Job): Promise<SendResult> => {
      const stage = stages[at];
      return stage === undefined
        ? Promise.resolve({ outcome: "retry", error: "no stage sends" })
        : stage(now, (on) => run(at + 1, on));
    };
    return run(0, job);
  };

/** At most one a second for each key, as receivers ask for. */
export function pace(everyMs: Millis, now: () => EpochMs): Stage {
  const lastMs = new Map<string, EpochMs>();
  return async (job, next) => {
    for (const [key, atMs] of lastMs) if (now() - atMs >= everyMs || atMs > now()) lastMs.delete(key);
    const key = `${job.notifier.id} ${job.row.dedupKey}`;
    const waitMs = (lastMs.get(key) ?? Number.NEGATIVE_INFINITY) + everyMs - now();
    if (waitMs > 0) await sleep(waitMs, undefined, { signal: job.signal });
    lastMs.set(key, now());
    return next(job);
  };
}

/**
 * A receiver that does not answer is a failed attempt, not a stopped pipeline. A notifier that ignores its signal must not
 * hold the others up either, so the deadline answers in its place.
 */
export const deadline =
  (limitMs: Millis): Stage =>
  (job, next) =>
    new Promise((resolve) => {
      const abort = new AbortController();
      const giveUp = (error: string): void => {
        abort.abort(new Error(error));
        settle({ outcome: "retry", error });
      };
      const stopped = (): void => giveUp("stopped");
      const timer = setTimeout(() => giveUp(`no answer within ${limitMs / 1000} s`), limitMs);
      const settle = (result: SendResult): void => {
        clearTimeout(timer);
        job.signal.removeEventListener("abort", stopped);
        resolve(result);
      };
      job.signal.addEventListener("abort", stopped, { once: true });
      next({ ...job, signal: abort.signal }).then(settle, (error: unknown) =>
        settle({ outcome: "retry", error: String(error) }),
      );
    });

/** Names the moments at which a crash is told apart. */
export const points =
  (point: (name: string) => void): Stage =>
  async (job, next) => {
    point("before-send");
    const result = await next(job);
    point("after-send");
    return result;
  };

/** A notifier that throws has failed this attempt; what it threw is the reason. */
export const send: Stage = async ({ row, notifier, signal }) => {
  try {
    return await notifier.send(row.effect, row.dedupKey, signal);
  } catch (error) {
    return { outcome: "retry", error: error instanceof Error ? error.message : String(error) };
  }
};
