import type { AlertKey, Cause, EpochMs, Seconds, Severity, SiteId } from "@mailtide/shared";
import type { Incident } from "../incident/incident.ts";
import type { Change } from "../observation.ts";
import type { Command, Inhibition, Signal, Silence } from "./signal.ts";

/** Everything that alerting remembers. JSON; the step function gives a new one for every turn. */
export interface AlertingState {
  readonly nextNumber: number;
  readonly pending: Readonly<Record<AlertKey, Pending>>;
  readonly open: Incident | null;
  /** Newest last; kept for 24 h. */
  readonly resolved: readonly Incident[];
  readonly silences: readonly Silence[];
  /** Signals that found no room. */
  readonly dropped: number;
}

/** A signal that is bad, but not yet for as long as it must be. */
export interface Pending {
  readonly sinceMs: EpochMs;
  readonly startedAtMs: EpochMs;
  readonly cause: Cause;
  readonly severity: Severity;
}

export const emptyState: AlertingState = {
  nextNumber: 1,
  pending: {},
  open: null,
  resolved: [],
  silences: [],
  dropped: 0,
};

/** What never changes while the process runs. */
export interface AlertingConfig {
  /** Makes incident ids unique over installations that page the same service. */
  readonly installId: string;
  readonly site: { readonly id: SiteId; readonly timezone: string; readonly locale: string };
  readonly resolveAfterSeconds: Seconds;
  readonly inhibitions: readonly Inhibition[];
}

export interface StepInput {
  readonly signals: readonly Signal[];
  readonly commands: readonly Command[];
  readonly changes: readonly Change[];
  /** Small figures that a page carries, for example `headlineSeconds`. */
  readonly facts: Readonly<Record<string, string | number | boolean | null>>;
}

export const maxPending = 500;
export const maxSilences = 200;
export const maxResolved = 200;
export const resolvedKeptMs = 24 * 3_600_000;
