import type { AlertKey, Cause, EpochMs, IncidentId, NodeId, Sentence, Severity } from "@mailtide/shared";
import type { Effect, Signal } from "../alert/signal.ts";

/** How many alerts one incident holds; more are counted, not kept. */
export const maxAlerts = 200;
/** Changes attached to one incident. */
export const maxChanges = 20;

/**
 * The aggregate root: everything that is told outside is told about an incident, never about an alert alone.
 *
 * An alert that fires while an incident of its site is open joins it: what goes wrong at the same time on one platform is
 * one night's work for one person, and one page. So a site has at most one open incident.
 */
export interface Incident {
  readonly id: IncidentId;
  readonly openedAtMs: EpochMs;
  /** The highest that it ever had. */
  readonly severity: Severity;
  /** In the order in which they fired. */
  readonly alerts: readonly Alert[];
  readonly droppedAlerts: number;
  readonly changes: readonly AttachedChange[];
  readonly acknowledged: Acknowledged | null;
  readonly channels: Readonly<Record<Effect["channel"], ChannelState>>;
  readonly pageSentAtMs: EpochMs | null;
  readonly resolvedAtMs: EpochMs | null;
}

/** An alert that has fired; pending ones are not yet part of an incident. */
export interface Alert {
  readonly key: AlertKey;
  readonly rule: string;
  /** As of firing. */
  readonly cause: Cause;
  readonly severity: Severity;
  readonly node: NodeId | null;
  readonly subject: string | null;
  readonly title: Sentence;
  /** As of the last turn that was bad. */
  readonly evidence: readonly Sentence[];
  readonly actions: Signal["actions"];
  readonly startedAtMs: EpochMs;
  readonly firedAtMs: EpochMs;
  /** Since when it is clear without a break, as far as is known. */
  readonly clearSinceMs: EpochMs | null;
  /** When it became clear, once it has stayed so for `resolveAfter`. */
  readonly resolvedAtMs: EpochMs | null;
}

export interface Acknowledged {
  readonly atMs: EpochMs;
  readonly by: string;
  /** What was acknowledged: something more severe wakes again. */
  readonly severity: Severity;
}

export interface ChannelState {
  /** Of the last effect; 0 before the first. */
  readonly seq: number;
  readonly triggeredAtMs: EpochMs | null;
  readonly acknowledged: boolean;
}

export interface AttachedChange {
  readonly id: string;
  readonly title: string;
  readonly startAtMs: EpochMs;
  readonly link: string | null;
}

export const channelNames = ["page", "ticket"] as const satisfies readonly Effect["channel"][];

const ranks: Readonly<Record<Severity, number>> = { info: 0, ticket: 1, page: 2 };
export const atLeast = (severity: Severity, floor: Severity): boolean => ranks[severity] >= ranks[floor];
export const worse = (a: Severity, b: Severity): Severity => (ranks[a] >= ranks[b] ? a : b);

export function openIncident(id: IncidentId, nowMs: EpochMs): Incident {
  const silent: ChannelState = { seq: 0, triggeredAtMs: null, acknowledged: false };
  return {
    id,
    openedAtMs: nowMs,
    severity: "info",
    alerts: [],
    droppedAlerts: 0,
    changes: [],
    acknowledged: null,
    channels: { page: silent, ticket: silent },
    pageSentAtMs: null,
    resolvedAtMs: null,
  };
}

/** The estimated onset of the first of its alerts. */
export const startedAtMs = (incident: Incident): EpochMs =>
  incident.alerts.reduce((first, alert) => Math.min(first, alert.startedAtMs), incident.openedAtMs);

/** Alerts in the order in which what they tell began. */
export const byOnset = (incident: Incident): readonly Alert[] =>
  [...incident.alerts].sort((a, b) => a.startedAtMs - b.startedAtMs || a.firedAtMs - b.firedAtMs);

/** The name under which the outside knows an effect. A trigger under the page's key would overwrite the ticket. */
export const dedupKey = (effect: Pick<Effect, "incident" | "channel">): string =>
  effect.channel === "page" ? effect.incident : `${effect.incident}/ticket`;
