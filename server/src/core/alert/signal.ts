import type { AlertKey, Cause, EpochMs, IncidentId, NodeId, Seconds, Sentence, Severity } from "@mailtide/shared";

/**
 * What a rule says about one subject in one turn. `clear` and `bad` are decided with hysteresis by the rule's own two
 * thresholds; between them it says `between`, which changes nothing. `unknown` neither fires nor resolves.
 */
export interface Signal {
  readonly rule: string;
  /** Rule and subject: one alert for each. */
  readonly key: AlertKey;
  readonly level: "bad" | "between" | "clear" | "unknown";
  readonly cause: Cause;
  readonly severity: Severity;
  readonly node: NodeId | null;
  readonly subject: string | null;
  /** Estimated onset; null means now. */
  readonly startedAtMs: EpochMs | null;
  /** `bad` must last this long before it fires. */
  readonly forSeconds: Seconds;
  readonly title: Sentence;
  readonly evidence: readonly Sentence[];
  readonly actions: readonly { readonly label: Sentence; readonly command: string | null }[];
}

/** Silences stop notifications, not the truth on the screen. They end by themselves. */
export interface Silence {
  readonly id: string;
  readonly incident?: IncidentId;
  readonly rule?: string;
  readonly node?: NodeId;
  readonly untilMs: EpochMs;
  readonly by: string;
  readonly reason: string;
}

/** While `source` fires, alerts of the `targets` rules on the same node (or any, where the source has none) do not notify. */
export interface Inhibition {
  readonly source: string;
  readonly targets: readonly string[];
}

export type Command =
  | { readonly type: "acknowledge"; readonly incident: IncidentId; readonly by: string }
  | { readonly type: "silence"; readonly silence: Silence }
  | { readonly type: "unsilence"; readonly id: string; readonly by: string };

/** What the outside must be told; goes to the outbox in the same transaction as the state that caused it. */
export interface Effect {
  readonly incident: IncidentId;
  readonly channel: "page" | "ticket";
  readonly action: "trigger" | "acknowledge" | "resolve";
  /** Rises with every effect of an incident and channel; a notifier never sends them out of order. */
  readonly seq: number;
  readonly atMs: EpochMs;
  readonly severity: Severity;
  /** Plain text, made from the incident's sentences in the site's zone. */
  readonly summary: string;
  readonly source: string;
  readonly cause: Cause;
  /** Small, without personal data. */
  readonly details: Readonly<Record<string, string | number | boolean | null>>;
}
