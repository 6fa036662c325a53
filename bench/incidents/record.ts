import type { AlertView, EpochMs, IncidentView, Severity } from "@mailtide/shared";
import { emptyCounts, openCapture } from "../../server/src/replay/capture.ts";
import { runCapture } from "../../server/src/replay/run.ts";
import { parserFor } from "../../server/src/replay-parser.ts";
import type { SiteTurn } from "../../server/src/core/site-core.ts";
import type { DelayRow, Report, ReportAlert } from "./report.ts";

const minuteMs = 60_000;
const rank: Readonly<Record<Severity, number>> = { page: 2, ticket: 1, info: 0 };

/** Plays a capture through the live core and notes what it says: the screen once a minute, and at every page and ticket. */
export async function recordReport(dir: string, onProgress?: (nowMs: EpochMs) => void): Promise<Report> {
  const capture = await openCapture(dir, { parserFor });
  const counts = emptyCounts();
  const notebook = createNotebook();
  await runCapture({
    capture,
    counts,
    onTurn(turn, nowMs) {
      const isMinute = nowMs % minuteMs === 0;
      if (!isMinute && turn.effects.length === 0) return;
      notebook.incidents(turn.state.incidents.incidents, nowMs);
      if (!isMinute) return;
      notebook.delay(turn.state.delay, nowMs);
      onProgress?.(nowMs);
    },
  });
  return notebook.report(counts.lines, counts.unparsed);
}

function createNotebook() {
  const delay: DelayRow[] = [];
  const alerts = new Map<string, ReportAlert>();
  const incidents = new Map<string, { readonly view: IncidentView; readonly alerts: Set<string> }>();
  const note = (id: string, view: AlertView, firedAtMs: EpochMs, nowMs: EpochMs): string => {
    const key = `${id} ${view.key} ${firedAtMs}`;
    const before = alerts.get(key);
    const isWorse = before === undefined || rank[view.severity] > rank[before.severity];
    const worst = isWorse ? { severity: view.severity, worstAt: iso(nowMs) } : before;
    alerts.set(key, alertOf(view, firedAtMs, worst));
    return key;
  };
  return {
    incidents(views: readonly IncidentView[], nowMs: EpochMs): void {
      for (const view of views) {
        const keys = incidents.get(view.id)?.alerts ?? new Set<string>();
        for (const alert of view.alerts)
          if (alert.firedAtMs !== null) keys.add(note(view.id, alert, alert.firedAtMs, nowMs));
        incidents.set(view.id, { view, alerts: keys });
      }
    },
    delay(section: SiteTurn["state"]["delay"], nowMs: EpochMs): void {
      const { recovery } = section;
      delay.push({
        at: iso(nowMs),
        headlineSeconds: section.headlineSeconds,
        lateShare: section.lateShare,
        recovery: recovery.state,
        ...(recovery.atMs === null ? {} : { recoveryAt: iso(recovery.atMs) }),
        ...(recovery.lowMs === null ? {} : { recoveryLowAt: iso(recovery.lowMs) }),
        ...(recovery.highMs === null ? {} : { recoveryHighAt: iso(recovery.highMs) }),
      });
    },
    report(lines: number, unparsed: number): Report {
      const keys = [...alerts.keys()];
      return {
        lines,
        unparsed,
        alerts: [...alerts.values()],
        incidents: [...incidents.values()].map(({ view, alerts: own }) => ({
          startedAt: iso(view.startedAtMs),
          resolvedAt: view.resolvedAtMs === null ? null : iso(view.resolvedAtMs),
          changes: view.changes.map(({ title }) => title),
          alerts: [...own].map((key) => keys.indexOf(key)),
        })),
        delay,
        // Hostile sources are counted, but nothing makes a list to block by yet.
        blocklist: null,
      };
    },
  };
}

function alertOf(view: AlertView, firedAtMs: EpochMs, worst: Pick<ReportAlert, "severity" | "worstAt">): ReportAlert {
  return {
    rule: view.rule,
    cause: view.cause,
    severity: worst.severity,
    worstAt: worst.worstAt,
    ...(view.node === null ? {} : { node: view.node }),
    ...(view.subject === null ? {} : { subject: view.subject }),
    startedAt: iso(Math.min(view.startedAtMs, firedAtMs)),
    firedAt: iso(firedAtMs),
    resolvedAt: view.resolvedAtMs === null ? null : iso(Math.max(firedAtMs, view.resolvedAtMs)),
  };
}

const iso = (atMs: EpochMs): string => new Date(atMs).toISOString();
