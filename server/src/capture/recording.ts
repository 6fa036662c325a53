import type { CollectorId, DependencyId, DependencyType, EpochMs, NodeId, Seconds } from "@mailtide/shared";
import type { Backoff } from "../core/backoff.ts";

/** What a server was set to do while a recording was made: all that a replay needs to be told besides the turns. */
export interface RecordedSettings {
  readonly site: { readonly id: string; readonly name: string; readonly timezone: string; readonly locale: string };
  readonly simulated: boolean;
  readonly targetSeconds: Seconds;
  readonly resolveAfterSeconds: Seconds;
  readonly rules: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** Begins the ids of incidents, by which acknowledgements and pages name them. */
  readonly installId: string;
  readonly nodes: readonly RecordedNode[];
  /** Mailboxes of own probe mail; missing in recordings of older programs. */
  readonly probes?: readonly string[];
  readonly dependencies: readonly {
    readonly id: DependencyId;
    readonly type: DependencyType;
    readonly affects: readonly string[];
  }[];
  readonly collectors: readonly {
    readonly id: CollectorId;
    readonly node: NodeId | null;
    readonly required: boolean;
    readonly limitSeconds: Seconds;
  }[];
}
export interface RecordedNode {
  readonly id: NodeId;
  /** Whose log it writes; null when it has none. */
  readonly mta: string | null;
  readonly timezone: string;
  readonly ownDomains: readonly string[];
  readonly ownHops?: readonly string[];
  readonly backoff: Backoff;
}

/** First line of a recording as it is handed out. The turns follow, one a line: `SEQ JSON`; `end` closes them. */
export interface RecordingHead {
  readonly version: 1;
  /** Oldest first; each held from this turn on. */
  readonly settings: readonly { readonly fromSeq: number; readonly settings: RecordedSettings }[];
  /** Of the server that handed it out. */
  readonly nowMs: EpochMs;
}
