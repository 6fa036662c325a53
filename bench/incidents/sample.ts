import type { DelayRow, Report, ReportAlert } from "./report.ts";
import type { Truth } from "./score.ts";

/** A day made by hand: an event from 10:00 to 11:00, mail late from 10:10, latest at 11:00, on time from 14:00. */
const startMs = Date.parse("2025-01-06T09:00:00.000Z");
const minutes = 6 * 60;

/** Minutes after nine. */
export const at = (minute: number, seconds = 0): string =>
  new Date(startMs + (minute * 60 + seconds) * 1000).toISOString();

/** Seconds: from 10:10 it rises to 7,200 at 11:00 and falls to 300 at 14:00. */
export function trueDelay(minute: number): number {
  if (minute < 70 || minute >= 300) return 20;
  if (minute <= 120) return 400 + ((minute - 70) / 50) * 6800;
  return 7200 - ((minute - 120) / 180) * 6900;
}

export function truth(more: Partial<Truth["summary"]> = {}): Truth {
  return {
    rows: Array.from({ length: minutes }, (_, minute) => ({
      at: at(minute),
      headlineSeconds: trueDelay(minute),
      lateShare: 0,
      typicalSeconds: null,
      stuck: { count: 0, oldestSeconds: null },
      expectedWaitSeconds: null,
      waitingAtSendersSeconds: 0,
      waiting: 0,
      remote: 0,
      accepted: 0,
    })),
    summary: {
      scenario: "by-hand",
      seed: 1,
      variation: {},
      events: [{ what: "flood", at: at(60), until: at(120) }],
      changes: [{ at: at(60), title: "Release 7: new scanner" }],
      peak: { at: at(120), headlineSeconds: 7200 },
      recoveredAt: at(300),
      attackers: [
        { ip: "203.0.113.5", messages: 3, secondAt: at(61) },
        { ip: "203.0.113.9", messages: 2, secondAt: at(62) },
        { ip: "198.51.100.7", messages: 1, secondAt: null },
      ],
      innocentNew: ["192.0.2.1", "192.0.2.2"],
      ...more,
    },
  };
}

export const alert = (more: Partial<ReportAlert> = {}): ReportAlert => ({
  rule: "attack-sources",
  cause: "inbound-flood",
  severity: "page",
  worstAt: at(60, 30),
  node: "mx1",
  startedAt: at(60),
  firedAt: at(60, 30),
  resolvedAt: at(150),
  ...more,
});

/** A report that leaves nothing to be wished for. */
export function perfect(
  alerts: readonly ReportAlert[] = [alert()],
  delay: (row: DelayRow) => DelayRow = (row) => row,
): Report {
  return {
    lines: 1000,
    unparsed: 0,
    alerts,
    incidents: alerts.map(({ startedAt, resolvedAt }, place) => ({
      startedAt,
      resolvedAt,
      changes: ["Release 7: new scanner"],
      alerts: [place],
    })),
    delay: Array.from({ length: minutes }, (_, minute) =>
      delay({
        at: at(minute),
        headlineSeconds: trueDelay(minute),
        lateShare: 0,
        recovery: minute >= 120 && minute < 300 ? "recovering" : "none",
        ...(minute >= 120 && minute < 300
          ? { recoveryAt: at(300), recoveryLowAt: at(295), recoveryHighAt: at(305) }
          : {}),
      }),
    ),
    blocklist: ["203.0.113.0/28"],
  };
}
