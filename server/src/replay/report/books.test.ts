import { alertKey, incidentId } from "@mailtide/shared";
import { expect, test } from "vitest";
import { type Alert, type Incident, openIncident } from "../../core/incident/incident.ts";
import { sentence } from "../../core/text/sentence.ts";
import { IncidentBook } from "./incidents.ts";
import { rankCauses } from "./ranking.ts";
import { SourceBook } from "./source-book.ts";

const startMs = Date.parse("2016-05-11T10:00:00Z");
const at = (minutes: number): number => startMs + minutes * 60_000;
const text = (minutes: number): string => new Date(at(minutes)).toISOString();

const alert = (key: string, firedMinutes: number, more: Partial<Alert> = {}): Alert => ({
  key: alertKey(key),
  rule: "attack-sources",
  cause: "spoof-flood",
  severity: "ticket",
  node: null,
  subject: null,
  title: sentence("incident.one", { cause: "spoof-flood" }),
  evidence: [sentence("alert.clear-since", { sinceMs: at(firedMinutes) })],
  actions: [],
  startedAtMs: at(firedMinutes - 1),
  firedAtMs: at(firedMinutes),
  clearSinceMs: null,
  resolvedAtMs: null,
  ...more,
});
const incident = (id: string, alerts: Alert[], more: Partial<Incident> = {}): Incident => ({
  ...openIncident(incidentId(id), alerts[0]?.firedAtMs ?? 0),
  alerts,
  ...more,
});
const source = (ip: string) => ({ ip, isOurs: false, noted: null });
const book = () => new IncidentBook({ id: "main", timezone: "Africa/Johannesburg", locale: "en" });

test("an alert stands with its worst, what was said then, and its end; what the core forgets stays", () => {
  const noted = book();
  noted.note([incident("i-1", [alert("a", 0)])], at(0));
  const page = alert("a", 0, {
    severity: "page",
    evidence: [sentence("alert.clear-since", { sinceMs: at(5) })],
  });
  noted.note([incident("i-1", [page])], at(5));
  noted.note([incident("i-1", [{ ...page, evidence: [] }, alert("b", 6)])], at(6));
  const over = { resolvedAtMs: at(20) };
  noted.note([incident("i-1", [{ ...page, ...over }, alert("b", 6, over)], over)], at(30));
  noted.note([incident("i-2", [alert("a", 60)])], at(60));
  const { alerts, incidents } = noted.report(startMs);
  expect(alerts).toMatchObject([
    {
      severity: "page",
      firedAt: text(0),
      worstAt: text(5),
      resolvedAt: text(20),
      evidence: [{ text: "Clear since 12:05." }],
    },
    { severity: "ticket", firedAt: text(6), worstAt: text(6), resolvedAt: text(20) },
    { firedAt: text(60), resolvedAt: null },
  ]);
  expect(incidents).toMatchObject([
    { startedAt: text(-1), resolvedAt: text(20), alerts: [0, 1] },
    { startedAt: text(59), resolvedAt: null, alerts: [2] },
  ]);

  const later = noted.report(at(25));
  expect(later.alerts.map(({ firedAt }) => firedAt)).toEqual([text(60)]);
  expect(later.incidents.map(({ alerts: places }) => places)).toEqual([[0]]);
});

test("alerts that found no room are counted", () => {
  const noted = book();
  noted.note([incident("i-1", [alert("a", 0)], { droppedAlerts: 3 })], at(0));
  expect(noted.dropped).toBe(3);
});

test("causes: reasons before what they cause, then the more severe, then the earlier; each named once", () => {
  const row = (rule: string, cause: Alert["cause"], severity: Alert["severity"], minutes: number) => ({
    rule,
    cause,
    severity,
    startedAtMs: at(minutes),
  });
  expect(
    rankCauses([
      row("late-mail", "capacity", "page", -5),
      row("attack-sources", "spoof-flood", "ticket", 0),
      row("schema-lock", "schema-lock", "page", 9),
      row("database-unresponsive", "database-unresponsive", "page", 3),
      row("schema-lock", "schema-lock", "ticket", 2),
    ]),
  ).toEqual([
    { cause: "schema-lock", score: 1, startedAtMs: at(2) },
    { cause: "database-unresponsive", score: 0.917, startedAtMs: at(3) },
    { cause: "spoof-flood", score: 0.833, startedAtMs: at(0) },
    { cause: "capacity", score: 0.5, startedAtMs: at(-5) },
  ]);
  expect(rankCauses([])).toEqual([]);
});

test("sources: most hostile first, then most messages; over the bound they are counted, before the begin they are not", () => {
  const sources = new SourceBook(at(0), 4);
  sources.note("messages", source("192.0.2.1"), at(-1), 50);
  sources.note("messages", source("192.0.2.1"), at(0), 5);
  sources.note("connections", source("192.0.2.2"), at(1), 9);
  sources.note("messages", { ...source("127.0.0.1"), isOurs: true }, at(1), 99);
  sources.note("messages", source("192.0.2.3"), at(1), 2);
  sources.note("spoofed", source("192.0.2.3"), at(2), 1);
  sources.note("rejects", source("192.0.2.1"), at(3), 3);
  sources.note("authFailures", source("192.0.2.4"), at(3), 7);
  expect(sources.dropped).toBe(7);
  expect(sources.report(2)).toEqual({
    distinct: 4,
    top: [
      { ip: "192.0.2.3", messages: 2, rejected: 0, spoofed: 1, authFailures: 0, firstAt: text(1) },
      { ip: "192.0.2.1", messages: 5, rejected: 3, spoofed: 0, authFailures: 0, firstAt: text(0) },
    ],
  });
});
