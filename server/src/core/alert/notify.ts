import type { EpochMs } from "@mailtide/shared";
import { type Alert, atLeast, channelNames, type Incident, startedAtMs, worse } from "../incident/incident.ts";
import { incidentTitle } from "../incident/title.ts";
import { paragraph } from "../text/paragraph.ts";
import { plain } from "../text/plain.ts";
import { isFiring } from "./alert.ts";
import { isInhibited, isSilenced } from "./silence.ts";
import type { Effect, Silence } from "./signal.ts";
import type { AlertingConfig, StepInput } from "./state.ts";

export interface Told {
  readonly incident: Incident;
  readonly effects: readonly Effect[];
}

/**
 * Triggers what is not triggered yet: at most once for each incident and channel. A ticket that grows into a page is told
 * under the page's key; an incident that already pages opens no ticket.
 */
export function notifyIncident(
  before: Incident,
  silences: readonly Silence[],
  config: AlertingConfig,
  nowMs: EpochMs,
  facts: StepInput["facts"],
): Told {
  const severity = before.alerts.reduce((most, alert) => worse(most, alert.severity), before.severity);
  const incident = severity === before.severity ? before : { ...before, severity };
  const audible = incident.alerts.filter(
    (alert) =>
      isFiring(alert) &&
      alert.clearSinceMs === null &&
      !isSilenced(alert, incident.id, silences, nowMs) &&
      !isInhibited(alert, incident.alerts, config.inhibitions),
  );
  const loudest = audible.reduce<Alert["severity"]>((most, alert) => worse(most, alert.severity), "info");
  if (loudest === "info" || !wakes(incident, loudest)) return { incident, effects: [] };
  const said = effectOf(incident, loudest, "trigger", config, nowMs, facts);
  return { incident: { ...said.incident, acknowledged: null }, effects: [said.effect] };
}

/** A person who acknowledged knows of everything up to that severity. */
function wakes(incident: Incident, channel: Effect["channel"]): boolean {
  if (incident.acknowledged !== null && atLeast(incident.acknowledged.severity, channel)) return false;
  if (incident.channels.page.triggeredAtMs !== null) return false;
  return incident.channels[channel].triggeredAtMs === null;
}

export function resolveIncident(
  incident: Incident,
  config: AlertingConfig,
  nowMs: EpochMs,
  facts: StepInput["facts"],
): Told {
  return onTriggered({ ...incident, resolvedAtMs: nowMs }, () => true, "resolve", config, nowMs, facts);
}

/** Tells every channel that was triggered and that knows nothing of the acknowledgement yet. */
export function acknowledgeIncident(
  incident: Incident,
  config: AlertingConfig,
  nowMs: EpochMs,
  facts: StepInput["facts"],
): Told {
  return onTriggered(
    incident,
    (channel) => !incident.channels[channel].acknowledged,
    "acknowledge",
    config,
    nowMs,
    facts,
  );
}

function onTriggered(
  incident: Incident,
  wanted: (channel: Effect["channel"]) => boolean,
  action: Effect["action"],
  config: AlertingConfig,
  nowMs: EpochMs,
  facts: StepInput["facts"],
): Told {
  const effects: Effect[] = [];
  let next = incident;
  for (const channel of channelNames) {
    if (next.channels[channel].triggeredAtMs === null || !wanted(channel)) continue;
    const said = effectOf(next, channel, action, config, nowMs, facts);
    next = said.incident;
    effects.push(said.effect);
  }
  return { incident: next, effects };
}

function effectOf(
  incident: Incident,
  channel: Effect["channel"],
  action: Effect["action"],
  { site }: AlertingConfig,
  nowMs: EpochMs,
  facts: StepInput["facts"],
): { readonly incident: Incident; readonly effect: Effect } {
  const state = incident.channels[channel];
  const seq = state.seq + 1;
  const lead = leadAlert(incident);
  const effect: Effect = {
    incident: incident.id,
    channel,
    action,
    seq,
    atMs: nowMs,
    severity: channel,
    summary: summaryOf(incident, lead, { ...site, nowMs }),
    source: site.id,
    cause: lead?.cause ?? "capacity",
    details: {
      ...facts,
      startedAtMs: startedAtMs(incident),
      causes: [...new Set(incident.alerts.map((alert) => alert.cause))].join(", "),
      alerts: incident.alerts.length,
      changes: incident.changes.length,
      node: lead?.node ?? null,
      subject: lead?.subject ?? null,
    },
  };
  const channelState = {
    seq,
    triggeredAtMs: action === "trigger" ? nowMs : state.triggeredAtMs,
    acknowledged: action === "acknowledge" ? true : state.acknowledged,
  };
  return { incident: { ...incident, channels: { ...incident.channels, [channel]: channelState } }, effect };
}

/** The alert whose evidence a page quotes: the most severe that still fires, the first of those. */
function leadAlert(incident: Incident): Alert | undefined {
  const firing = incident.alerts.filter(isFiring);
  const from = firing.length > 0 ? firing : incident.alerts;
  return from.find((alert) => from.every((other) => atLeast(alert.severity, other.severity)));
}

/** Title, when it began, and the evidence of the alert that leads; a notifier cuts it to its own limit. */
function summaryOf(
  incident: Incident,
  lead: Alert | undefined,
  reader: { timezone: string; locale: string; nowMs: EpochMs },
): string {
  const since = plain({ id: "", params: {}, parts: [{ text: "since " }, { atMs: startedAtMs(incident) }] }, reader);
  const title = plain(incidentTitle(incident), reader);
  const evidence = (lead?.evidence ?? []).slice(0, 3).map((line) => plain(line, reader));
  return paragraph([`${title} (${since} ${reader.timezone})`, ...evidence]);
}
