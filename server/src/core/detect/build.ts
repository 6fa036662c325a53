import { type AlertKey, alertKey, type EpochMs, type NodeId, type QueueSection, type Sentence } from "@mailtide/shared";
import type { Signal } from "../alert/signal.ts";
import { sentence } from "../text/sentence.ts";

type Said = Pick<Signal, "level" | "cause" | "severity"> & Partial<Pick<Signal, "node" | "startedAtMs" | "forSeconds">>;
type Words = Pick<Signal, "title"> & Partial<Pick<Signal, "evidence" | "actions">>;

/** Which host to look at first, where one stands out. */
export function waitsAt({ hosts }: QueueSection): Sentence | false {
  const [first] = hosts?.shown ?? [];
  if (hosts === undefined || hosts.mostAt === null || first === undefined) return false;
  return sentence("delay.waits-at", { ...hosts.mostAt, waiting: first.ownQueued });
}

/** One alert for each rule and subject. */
const keyOf = (rule: string, subject: string | null): AlertKey =>
  alertKey(subject === null ? rule : `${rule}/${subject}`);

/**
 * A signal with everything that it does not state left empty. Most signals are clear, every second of every night, and
 * nobody reads what they would say: `words` are made when somebody asks.
 */
export const signal = (rule: string, subject: string | null, said: Said, words: () => Words): Signal =>
  new SaidSignal(rule, subject, said, words);

class SaidSignal implements Signal {
  readonly rule: string;
  readonly key: AlertKey;
  readonly level: Signal["level"];
  readonly cause: Signal["cause"];
  readonly severity: Signal["severity"];
  readonly node: NodeId | null;
  readonly subject: string | null;
  readonly startedAtMs: EpochMs | null;
  readonly forSeconds: number;
  readonly #words: () => Words;
  #spoken: Words | null = null;

  constructor(rule: string, subject: string | null, said: Said, words: () => Words) {
    this.rule = rule;
    this.key = keyOf(rule, subject);
    this.level = said.level;
    this.cause = said.cause;
    this.severity = said.severity;
    this.node = said.node ?? null;
    this.subject = subject;
    this.startedAtMs = said.startedAtMs ?? null;
    this.forSeconds = said.forSeconds ?? 0;
    this.#words = words;
  }

  get title(): Signal["title"] {
    return this.#speak().title;
  }

  get evidence(): Signal["evidence"] {
    return this.#speak().evidence ?? [];
  }

  get actions(): Signal["actions"] {
    return this.#speak().actions ?? [];
  }

  #speak(): Words {
    return (this.#spoken ??= this.#words());
  }
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
