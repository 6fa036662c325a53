import * as fc from "fast-check";
import { type Direction, nodeId } from "@mailtide/shared";
import type { LogObservation } from "../../src/core/observation.ts";
import { foreignHop, mx, ownHop, refused } from "./lines.ts";
import type { OracleRules, Plan } from "./oracle.ts";

export const rules: OracleRules = { minimal: 60, maximal: 300, queueRun: 60, target: 120 };
export const backoff = { minimalSeconds: 60, maximalSeconds: 300, queueRunDelaySeconds: 60 };

const recipients: Record<Direction, string> = { in: "b@own.test", internal: "b@own.test", out: "b@far.test" };

const attempt = fc.record({
  gap: fc.oneof(fc.integer({ min: 1, max: 30 }), fc.integer({ min: 1, max: 900 })),
  end: fc.constantFrom("own", "remote", "remote", "sent", "sent", "bounced"),
});

/** Bursts of mail through an hour, each with its own luck, so that cohorts become large enough to be spoken of. */
export const plans: fc.Arbitrary<Plan[]> = fc
  .array(
    fc.record({
      at: fc.integer({ min: 0, max: 3_000 }),
      count: fc.integer({ min: 1, max: 25 }),
      step: fc.integer({ min: 0, max: 12 }),
      direction: fc.constantFrom<Direction>("in", "in", "out", "internal"),
      attempts: fc.array(attempt, { maxLength: 5 }),
      spread: fc.integer({ min: 0, max: 5 }),
    }),
    { minLength: 1, maxLength: 12 },
  )
  .map((bursts) =>
    bursts.flatMap(({ at, count, step, direction, attempts, spread }) =>
      Array.from({ length: count }, (_, i) => ({
        acceptedAt: at + i * step,
        direction,
        attempts: planned(at + i * step, attempts, i * spread),
      })),
    ),
  );

function planned(
  acceptedAt: number,
  gaps: readonly { gap: number; end: Plan["attempts"][number]["end"] }[],
  late: number,
): Plan["attempts"] {
  const attempts: { at: number; end: Plan["attempts"][number]["end"] }[] = [];
  let at = acceptedAt + late;
  for (const { gap, end } of gaps) {
    at += gap;
    attempts.push({ at, end });
    if (end === "sent" || end === "bounced") break;
  }
  return attempts;
}

/** The lines that Postfix would write, in order; `nodeOf` spreads the messages. */
export function linesOf(
  plans: readonly Plan[],
  startMs: number,
  nodeOf: (index: number) => string = () => mx,
): LogObservation[] {
  const lines = plans.flatMap((plan, i) => {
    const queueId = `Q${i}`;
    const node = nodeId(nodeOf(i));
    const clientIp = plan.direction === "in" ? "192.0.2.7" : "10.0.0.5";
    const line = (second: number, event: LogObservation["event"]): LogObservation => ({
      kind: "log",
      node,
      atMs: startMs + second * 1_000,
      event: { ...event, queueId },
    });
    return [
      line(plan.acceptedAt, { event: "client", clientIp }),
      line(plan.acceptedAt, { event: "queued", process: "postfix/cleanup", messageId: "m" }),
      line(plan.acceptedAt, { event: "message", from: "a@x.test", size: 1, nrcpt: 1 }),
      ...plan.attempts.flatMap(({ at, end }) => attemptLines(line, at, end, recipients[plan.direction])),
    ];
  });
  return lines.sort((a, b) => a.atMs - b.atMs);
}

function attemptLines(
  line: (second: number, event: LogObservation["event"]) => LogObservation,
  at: number,
  end: Plan["attempts"][number]["end"],
  to: string,
): LogObservation[] {
  const common = { event: "delivery", process: "postfix/smtp", to } as const;
  if (end === "own")
    return [line(at, { ...common, ...ownHop, status: "deferred", dsn: "4.4.1", reason: refused("10.0.0.1") })];
  if (end === "remote")
    return [line(at, { ...common, ...foreignHop, status: "deferred", dsn: "4.4.1", reason: refused("198.51.100.9") })];
  const status =
    end === "sent" ? ({ status: "sent", dsn: "2.0.0" } as const) : ({ status: "bounced", dsn: "5.1.1" } as const);
  return [
    line(at, { ...common, ...foreignHop, ...status, reason: "said" }),
    line(at, { event: "removed", process: "postfix/qmgr" }),
  ];
}
