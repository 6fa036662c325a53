import { type AlertKey, alertKey, type EpochMs, type NodeId, type Sentence } from "@mailtide/shared";
import type { Signal } from "../alert/signal.ts";

type Said = Pick<Signal, "level" | "cause" | "severity"> & Partial<Pick<Signal, "node" | "startedAtMs" | "forSeconds">>;
type Words = Pick<Signal, "title"> & Partial<Pick<Signal, "evidence" | "actions">>;

/** One alert for each rule and subject. */
export const keyOf = (rule: string, subject: string | null): AlertKey =>
  alertKey(subject === null ? rule : `${rule}/${subject}`);

/**
 * A signal with everything that it does not state left empty. Most signals are clear, every second of every night, and
 * nobody reads what they would say: `words` are made when somebody asks.
 */
export function signal(rule: string, subject: string | null, said: Said, words: () => Words): Signal {
  let spoken: Words | null = null;
  const speak = (): Words => (spoken ??= words());
  return {
    rule,
    key: keyOf(rule, subject),
    subject,
    level: said.level,
    cause: said.cause,
    severity: said.severity,
    node: said.node ?? (null as NodeId | null),
    startedAtMs: said.startedAtMs ?? (null as EpochMs | null),
    forSeconds: said.forSeconds ?? 0,
    get title() {
      return speak().title;
    },
    get evidence() {
      return speak().evidence ?? [];
    },
    get actions() {
      return speak().actions ?? [];
    },
  };
}

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
