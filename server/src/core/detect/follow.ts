import type { DependencyView, EpochMs } from "@mailtide/shared";
import type { Signal } from "../alert/signal.ts";
import { remember } from "./rule.ts";

/** Dependency -> since when it is in trouble. */
export type Since = Readonly<Record<string, EpochMs>>;

/**
 * Follows dependencies by a level each: one that is bad has been so since `onset`, and stays so until it is clear, for a
 * restart between two probes must not forget how long it has lasted already.
 */
export function follow<View extends DependencyView>(
  views: readonly View[],
  memory: Since,
  nowMs: EpochMs,
  levelOf: (view: View) => Signal["level"],
  signalOf: (view: View, level: Signal["level"], sinceMs: EpochMs | null) => Signal,
): { readonly signals: readonly Signal[]; readonly memory: Since } {
  const since: Record<string, EpochMs> = {};
  const signals = views.map((view) => {
    const level = levelOf(view);
    const before = memory[view.id];
    if (level === "bad" || (level !== "clear" && before !== undefined)) since[view.id] = before ?? onset(view, nowMs);
    return signalOf(view, level, since[view.id] ?? null);
  });
  return { signals, memory: remember(memory, since) };
}

/** The probe that failed, or the mail that is missing, began to wait before anybody gave up. */
const onset = ({ checkedAtMs, latencySeconds }: DependencyView, nowMs: EpochMs): EpochMs =>
  Math.min(nowMs, (checkedAtMs ?? nowMs) - (latencySeconds ?? 0) * 1000);
