import type { DependencyView, EpochMs } from "@mailtide/shared";
import type { Signal } from "../alert/signal.ts";
import { remember } from "./rule.ts";

/** Dependency -> since when it is in trouble. */
export type Since = Readonly<Record<string, EpochMs>>;

const mostFollowed = 256;

/**
 * Follows dependencies by a level each: one that is bad has been so since `onset`, and stays so until it is clear, for a
 * restart between two probes must not forget how long it has lasted already. Where there are
 * more than are followed, those in trouble come first, and what is well is not spoken of, which counts as clear.
 */
export function follow<View extends DependencyView>(
  views: readonly View[],
  memory: Since,
  nowMs: EpochMs,
  levelOf: (view: View) => Signal["level"],
  signalOf: (view: View, level: Signal["level"], sinceMs: EpochMs | null) => Signal,
): { readonly signals: readonly Signal[]; readonly memory: Since } {
  const since: Record<string, EpochMs> = {};
  const told = views.map((view) => ({ view, level: levelOf(view) }));
  const rank = ({ view, level }: (typeof told)[number]): number =>
    level === "bad" ? 0 : memory[view.id] !== undefined ? 1 : level === "clear" ? 3 : 2;
  const followed =
    told.length <= mostFollowed ? told : told.toSorted((a, b) => rank(a) - rank(b)).slice(0, mostFollowed);
  const signals = followed.map(({ view, level }) => {
    const before = memory[view.id];
    if (level === "bad" || (level !== "clear" && before !== undefined)) since[view.id] = before ?? onset(view, nowMs);
    return signalOf(view, level, since[view.id] ?? null);
  });
  return { signals, memory: remember(memory, since) };
}

/** The probe that failed, or the mail that is missing, began to wait before anybody gave up. */
const onset = ({ checkedAtMs, latencySeconds }: DependencyView, nowMs: EpochMs): EpochMs =>
  Math.min(nowMs, (checkedAtMs ?? nowMs) - (latencySeconds ?? 0) * 1000);
