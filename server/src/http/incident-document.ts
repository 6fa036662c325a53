import { causes, severities } from "@mailtide/shared";
import type { AlertView, IncidentView, LiveMeta, Sentence } from "@mailtide/shared";
import { z } from "zod";
import { plain } from "../core/text/plain.ts";
import { instant } from "./instant.ts";

const at = z.iso.datetime();
const sentence = z.object({
  id: z.string(),
  params: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
  text: z.string(),
});
const alert = z.object({
  rule: z.string(),
  cause: z.enum(causes),
  severity: z.enum(severities),
  state: z.enum(["pending", "firing", "acknowledged", "resolved"]),
  node: z.string().nullable(),
  subject: z.string().nullable(),
  title: z.string(),
  startedAt: at,
  firedAt: at.nullable(),
  resolvedAt: at.nullable(),
  evidence: z.array(sentence),
});
const incident = z.object({
  id: z.string(),
  state: z.enum(["open", "acknowledged", "resolved"]),
  severity: z.enum(severities),
  title: z.string(),
  startedAt: at,
  resolvedAt: at.nullable(),
  acknowledgedAt: at.nullable(),
  acknowledgedBy: z.string().nullable(),
  pageSentAt: at.nullable(),
  alerts: z.array(alert),
  changes: z.array(z.object({ title: z.string(), startAt: at, link: z.string().nullable() })),
});
export const incidentList = z.object({ version: z.literal(1), incidents: z.array(incident) });

type Site = Pick<LiveMeta["site"], "timezone" | "locale">;

/** An incident as programs read it: instants in UTC, sentences with their text in the site's zone. */
export function incidentDocument(view: IncidentView, site: Site): z.infer<typeof incident> {
  return {
    id: view.id,
    state: view.state,
    severity: view.severity,
    title: plain(view.title, site),
    startedAt: instant(view.startedAtMs),
    resolvedAt: instant(view.resolvedAtMs),
    acknowledgedAt: instant(view.acknowledgedAtMs),
    acknowledgedBy: view.acknowledgedBy,
    pageSentAt: instant(view.pageSentAtMs),
    alerts: view.alerts.map((each) => alertDocument(each, site)),
    changes: view.changes.map(({ title, startAtMs, link }) => ({ title, startAt: instant(startAtMs), link })),
  };
}

function alertDocument(view: AlertView, site: Site): z.infer<typeof alert> {
  return {
    rule: view.rule,
    cause: view.cause,
    severity: view.severity,
    state: view.state,
    node: view.node,
    subject: view.subject,
    title: plain(view.title, site),
    startedAt: instant(view.startedAtMs),
    firedAt: instant(view.firedAtMs),
    resolvedAt: instant(view.resolvedAtMs),
    evidence: view.evidence.map((line) => sentenceDocument(line, site)),
  };
}

function sentenceDocument(line: Sentence, site: Site): z.infer<typeof sentence> {
  return { id: line.id, params: { ...line.params }, text: plain(line, site) };
}
