import type { AlertView, EpochMs, IncidentView, TrendMark } from "@mailtide/shared";
import type { Change } from "../observation.ts";
import { sentence } from "../text/sentence.ts";
import { type Alert, byOnset, type Incident, startedAtMs } from "./incident.ts";
import { incidentTitle, isSymptom } from "./title.ts";

/** Incidents on one screen. */
const maxIncidents = 20;
/** Alerts that one incident shows. */
const maxShown = 50;
const maxMarks = 20;

/** Open first, then the resolved ones, newest first. */
export function incidentViews(open: Incident | null, resolved: readonly Incident[]): readonly IncidentView[] {
  const newest = [...resolved].reverse();
  return (open === null ? newest : [open, ...newest]).slice(0, maxIncidents).map(incidentView);
}

export function incidentView(incident: Incident): IncidentView {
  const { acknowledged } = incident;
  return {
    id: incident.id,
    state: incident.resolvedAtMs !== null ? "resolved" : acknowledged !== null ? "acknowledged" : "open",
    severity: incident.severity,
    title: incidentTitle(incident),
    startedAtMs: startedAtMs(incident),
    resolvedAtMs: incident.resolvedAtMs,
    acknowledgedAtMs: acknowledged?.atMs ?? null,
    acknowledgedBy: acknowledged?.by ?? null,
    pageSentAtMs: incident.pageSentAtMs,
    alerts: byOnset(incident)
      .slice(0, maxShown)
      .map((alert) => alertView(alert, incident)),
    changes: incident.changes.map(({ title, startAtMs, link }) => ({ title, startAtMs, link })),
  };
}

function alertView(alert: Alert, { acknowledged }: Incident): AlertView {
  const { clearSinceMs, ...shown } = alert;
  const known = acknowledged !== null && alert.firedAtMs <= acknowledged.atMs;
  const clear = clearSinceMs === null ? [] : [sentence("alert.clear-since", { sinceMs: clearSinceMs })];
  return {
    ...shown,
    state: alert.resolvedAtMs !== null ? "resolved" : known ? "acknowledged" : "firing",
    evidence: [...alert.evidence, ...clear],
  };
}

const attackCauses: ReadonlySet<string> = new Set([
  "spoof-flood",
  "inbound-flood",
  "backscatter",
  "auth-bruteforce",
  "account-hijack",
]);

/** What a chart of the delay should show beside it: onsets of attacks and faults, and changes. Oldest first. */
export function trendMarks(
  incidents: readonly Incident[],
  changes: readonly Change[],
  fromMs: EpochMs,
): readonly TrendMark[] {
  const began = incidents
    .flatMap((incident) => incident.alerts)
    .filter((alert) => !isSymptom(alert) && alert.startedAtMs >= fromMs)
    .map((alert): TrendMark => ({
      atMs: alert.startedAtMs,
      kind: attackCauses.has(alert.cause) ? "attack" : "fault",
      label: sentence("mark.began", { cause: alert.cause, atMs: alert.startedAtMs }),
    }));
  const changed = changes
    .filter((change) => change.startAtMs >= fromMs)
    .map((change): TrendMark => ({
      atMs: change.startAtMs,
      kind: "change",
      label: sentence("mark.change", { title: change.title.slice(0, 40), atMs: change.startAtMs }),
    }));
  return [...began, ...changed].sort((a, b) => a.atMs - b.atMs).slice(-maxMarks);
}
