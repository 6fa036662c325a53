import type { AlertView, EpochMs, IncidentView, TrendMark } from "@mailtide/shared";
import type { Change } from "../observation.ts";
import { cleanText } from "../text/clean.ts";
import { sentence } from "../text/sentence.ts";
import { type Alert, byOnset, type Incident, startedAtMs } from "./incident.ts";
import { incidentTitle, isSymptom } from "./title.ts";

/** Incidents on one screen. */
const maxIncidents = 20;
/** Alerts that one incident shows. */
const maxShown = 50;
const maxMarks = 20;

/** Open first, then the resolved ones, newest first. */
export function incidentViews(
  open: Incident | null,
  resolved: readonly Incident[],
  viewOf: (incident: Incident) => IncidentView = incidentView,
): readonly IncidentView[] {
  const newest = [...resolved].reverse();
  return (open === null ? newest : [open, ...newest]).slice(0, maxIncidents).map(viewOf);
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

/** A mark before its words are made. */
export interface RawMark {
  readonly atMs: EpochMs;
  readonly kind: TrendMark["kind"];
  /** The cause of what began, or the title of what changed. */
  readonly what: string;
}

/** What a chart of the delay should show beside it: onsets of attacks and faults, and changes. Oldest first. */
export function rawMarks(
  incidents: readonly Incident[],
  changes: readonly Change[],
  fromMs: EpochMs,
): readonly RawMark[] {
  const marks: RawMark[] = [];
  for (const incident of incidents) {
    const onsets: RawMark[] = [];
    for (const alert of incident.alerts) {
      if (isSymptom(alert) || alert.startedAtMs < fromMs) continue;
      const kind = attackCauses.has(alert.cause) ? "attack" : "fault";
      onsets.push({ atMs: alert.startedAtMs, kind, what: alert.cause });
    }
    marks.push(...firstOnsets(onsets));
  }
  for (const change of changes)
    if (change.startAtMs >= fromMs)
      marks.push({ atMs: change.startAtMs, kind: "change", what: cleanText(change.title, longestMark) });
  return marks.sort((a, b) => a.atMs - b.atMs).slice(-maxMarks);
}

/** Of one cause that several alerts tell of at about the same time, hosts or probes, the earliest. */
function firstOnsets(onsets: readonly RawMark[]): RawMark[] {
  const first: RawMark[] = [];
  for (const onset of onsets.toSorted((a, b) => a.atMs - b.atMs))
    if (!first.some(({ what, atMs }) => what === onset.what && onset.atMs - atMs < sameOnsetMs)) first.push(onset);
  return first;
}
/** As long a title stands in the list beside the chart; in the chart what finds room. */
const longestMark = 60;
const sameOnsetMs = 600_000;

export const trendMarks = (raw: readonly RawMark[]): readonly TrendMark[] =>
  raw.map(({ atMs, kind, what }) => ({
    atMs,
    kind,
    label:
      kind === "change"
        ? sentence("mark.change", { title: what, atMs })
        : sentence("mark.began", { cause: what, atMs }),
  }));

export const sameMarks = (a: readonly RawMark[], b: readonly RawMark[]): boolean =>
  a.length === b.length &&
  a.every((mark, at) => mark.atMs === b[at]?.atMs && mark.kind === b[at].kind && mark.what === b[at].what);
