import type { EpochMs, Seconds } from "@mailtide/shared";
import { type Alert, atLeast, type Incident, maxAlerts, worse } from "../incident/incident.ts";
import type { Signal } from "./signal.ts";

export const isFiring = (alert: Alert): boolean => alert.resolvedAtMs === null;

/**
 * The next state of an alert in the open incident. While it is bad its figures follow the signal; its severity only rises.
 * One that had resolved is as it was before as soon as it is bad again.
 */
export function advanceAlert(
  alert: Alert,
  signal: Signal | undefined,
  nowMs: EpochMs,
  resolveAfterSeconds: Seconds,
): Alert {
  if (signal?.level === "bad")
    return {
      ...alert,
      ...figures(signal),
      severity: worse(alert.severity, signal.severity),
      clearSinceMs: null,
      resolvedAtMs: null,
    };
  if (!isFiring(alert)) return alert;
  if (signal?.level === "unknown") return alert.clearSinceMs === null ? alert : { ...alert, clearSinceMs: null };
  const told = alert.clearSinceMs ?? (signal?.level === "between" ? null : nowMs);
  if (told === null) return alert;
  // No later than now, though a clock was set back.
  const since = Math.min(told, nowMs);
  const done = nowMs - since >= resolveAfterSeconds * 1000;
  return { ...alert, clearSinceMs: since, resolvedAtMs: done ? since : null };
}

/** Lets an alert fire for the first time in an incident. */
export function fireAlert(incident: Incident, signal: Signal, startedAtMs: EpochMs, nowMs: EpochMs): Incident {
  const severity = worse(incident.severity, signal.severity);
  const room = makeRoom(incident.alerts, signal);
  if (room === null) return { ...incident, severity, droppedAlerts: incident.droppedAlerts + 1 };
  const alert: Alert = {
    key: signal.key,
    rule: signal.rule,
    cause: signal.cause,
    severity: signal.severity,
    node: signal.node,
    subject: signal.subject,
    ...figures(signal),
    startedAtMs,
    firedAtMs: nowMs,
    clearSinceMs: null,
    resolvedAtMs: null,
  };
  return {
    ...incident,
    severity,
    alerts: [...room, alert],
    droppedAlerts: incident.droppedAlerts + (room === incident.alerts ? 0 : 1),
  };
}

/** A full incident gives up a resolved or less severe alert for a more severe one, so that a flood of tickets cannot hide a page. */
function makeRoom(alerts: readonly Alert[], signal: Signal): readonly Alert[] | null {
  if (alerts.length < maxAlerts) return alerts;
  const given =
    alerts.find((alert) => !isFiring(alert)) ?? alerts.find((alert) => !atLeast(alert.severity, signal.severity));
  return given === undefined ? null : alerts.filter((alert) => alert !== given);
}

const figures = (signal: Signal): Pick<Alert, "title" | "evidence" | "actions"> => ({
  title: signal.title,
  evidence: signal.evidence.slice(0, 6),
  actions: signal.actions.slice(0, 6),
});
