import type { Share } from "@mailtide/shared";
import { openCapture } from "../../server/src/replay/capture.ts";
import { replayReport } from "../../server/src/replay/report/index.ts";
import { parserFor } from "../../server/src/replay-parser.ts";
import type { DelayRow, Report } from "./report.ts";

/** Plays a capture as `mailtide replay` does and takes of its report what is scored. */
export async function recordReport(dir: string, onShare: (share: Share) => void): Promise<Report> {
  const document = await replayReport({
    capture: await openCapture(dir, { parserFor }),
    onProgress: ({ share }) => onShare(share ?? 0),
  });
  const { lines, unparsed, blocklist } = document;
  return {
    lines,
    unparsed,
    blocklist,
    alerts: document.alerts.map(
      ({ rule, cause, severity, worstAt, startedAt, firedAt, resolvedAt, node, subject }) => ({
        rule,
        cause,
        severity,
        worstAt,
        startedAt,
        firedAt,
        resolvedAt,
        ...(node === undefined ? {} : { node }),
        ...(subject === undefined ? {} : { subject }),
      }),
    ),
    incidents: document.incidents.map(({ startedAt, resolvedAt, changes, alerts }) => ({
      startedAt,
      resolvedAt,
      alerts,
      changes: changes.map(({ title }) => title),
    })),
    delay: document.delay.map(delayRow),
  };
}

function delayRow(row: DelayRow): DelayRow {
  const { at, headlineSeconds, lateShare, recovery, recoveryAt, recoveryLowAt, recoveryHighAt } = row;
  return {
    at,
    headlineSeconds,
    lateShare,
    recovery,
    ...(recoveryAt === undefined ? {} : { recoveryAt }),
    ...(recoveryLowAt === undefined ? {} : { recoveryLowAt }),
    ...(recoveryHighAt === undefined ? {} : { recoveryHighAt }),
  };
}
