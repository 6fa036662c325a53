import type { AlertView, EpochMs, IncidentSection, IncidentView, Sentence } from "@mailtide/shared";
import { text } from "../../text/en.ts";
import { duration } from "../../ui/duration.ts";
import type { Formats } from "../../ui/format.ts";
import { isOpen } from "../../ui/verdict.ts";

/** The incident that a person looks at: the one asked for, else the open page that nobody took, else any open one. */
export function chosenIncident({ incidents }: IncidentSection, wanted: string | null): IncidentView | null {
  const open = incidents.filter(isOpen);
  const pages = open.filter(({ severity }) => severity === "page");
  return (
    incidents.find(({ id }) => id === wanted) ??
    pages.find(({ state }) => state === "open") ??
    pages[0] ??
    open[0] ??
    null
  );
}

/** "since 11:40, 3 h 23 min", or from when to when it lasted. */
export function sinceWords(incident: IncidentView, formats: Formats, nowMs: EpochMs): string {
  const from = formats.timeNear(incident.startedAtMs, nowMs);
  if (incident.resolvedAtMs === null) return text.incident.since(from, duration((nowMs - incident.startedAtMs) / 1000));
  const length = duration((incident.resolvedAtMs - incident.startedAtMs) / 1000);
  return text.incident.lasted(from, formats.timeNear(incident.resolvedAtMs, nowMs), length);
}

/** Who was told and who took it, in the order in which it happened. */
export function handlingWords(incident: IncidentView, formats: Formats, nowMs: EpochMs): readonly string[] {
  const { pageSentAtMs, acknowledgedAtMs, acknowledgedBy } = incident;
  const page =
    pageSentAtMs === null ? text.incident.noPage : text.incident.pageSent(formats.timeNear(pageSentAtMs, nowMs));
  if (acknowledgedAtMs === null) return incident.resolvedAtMs === null ? [page, text.incident.notAcknowledged] : [page];
  const time = formats.timeNear(acknowledgedAtMs, nowMs);
  return [
    page,
    acknowledgedBy === null ? text.incident.acknowledged(time) : text.incident.acknowledgedBy(acknowledgedBy, time),
  ];
}

export interface Step {
  readonly label: Sentence;
  readonly command: string | null;
  readonly alert: AlertView["key"];
}

/** The steps of all alerts that still hold, safest first within each; the same step is offered once. */
export function stepsOf(incident: IncidentView): readonly Step[] {
  const seen = new Set<string>();
  return incident.alerts
    .filter(({ state }) => state === "firing" || state === "acknowledged")
    .flatMap((alert) => alert.actions.map((action) => ({ ...action, alert: alert.key })))
    .filter(({ label, command }) => {
      const identity = command ?? JSON.stringify(label);
      if (seen.has(identity)) return false;
      seen.add(identity);
      return true;
    });
}
