import type { EpochMs, IncidentId } from "@mailtide/shared";
import { type Alert, atLeast } from "../incident/incident.ts";
import { isFiring } from "./alert.ts";
import type { Inhibition, Silence } from "./signal.ts";

/** A silence fits when everything it names fits; one that names nothing fits nothing. */
export function isSilenced(alert: Alert, incident: IncidentId, silences: readonly Silence[], nowMs: EpochMs): boolean {
  return silences.some(
    (silence) =>
      nowMs < silence.untilMs &&
      (silence.incident !== undefined || silence.rule !== undefined || silence.node !== undefined) &&
      (silence.incident ?? incident) === incident &&
      (silence.rule ?? alert.rule) === alert.rule &&
      (silence.node === undefined || silence.node === alert.node),
  );
}

/** A firing source keeps its targets quiet, but never one that is more severe than itself. */
export function isInhibited(alert: Alert, alerts: readonly Alert[], inhibitions: readonly Inhibition[]): boolean {
  return inhibitions.some(
    ({ source, targets }) =>
      targets.includes(alert.rule) &&
      source !== alert.rule &&
      alerts.some(
        (other) =>
          other.rule === source &&
          isFiring(other) &&
          atLeast(other.severity, alert.severity) &&
          (other.node === null || other.node === alert.node),
      ),
  );
}
