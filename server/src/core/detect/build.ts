import { type AlertKey, alertKey, type EpochMs, type NodeId, type Sentence } from "@mailtide/shared";
import type { Signal } from "../alert/signal.ts";

type Said = Pick<Signal, "level" | "cause" | "severity" | "title"> & Partial<Signal>;

/** One alert for each rule and subject. */
export const keyOf = (rule: string, subject: string | null): AlertKey =>
  alertKey(subject === null ? rule : `${rule}/${subject}`);

/** A signal with everything that it does not state left empty. */
export const signal = (rule: string, subject: string | null, said: Said): Signal => ({
  rule,
  key: keyOf(rule, subject),
  node: null as NodeId | null,
  subject,
  startedAtMs: null as EpochMs | null,
  forSeconds: 0,
  evidence: [],
  actions: [],
  ...said,
});

export const action = (label: Sentence, command: string | null = null): Signal["actions"][number] => ({
  label,
  command,
});

/** Leaves out what could not be said. */
export const lines = (...sentences: readonly (Sentence | null | false)[]): readonly Sentence[] =>
  sentences.filter((line) => line !== null && line !== false);

/** Two thresholds with room between them, so that a value near one does not flap. */
export function levelOf(value: number, bad: number, clear: number): Signal["level"] {
  if (!Number.isFinite(value)) return "unknown";
  if (value >= bad) return "bad";
  return value < clear ? "clear" : "between";
}
