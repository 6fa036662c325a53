import type { DelaySection, EpochMs, NodeId, QueueSection, SiteId, StageSection } from "@mailtide/shared";
import type { Point } from "./measurement.ts";

/** One-second points of what the delay model says; a value that is not known is left out. */
export function delayPoints(site: SiteId, delay: DelaySection, atMs: EpochMs): Point[] {
  const whole = {
    ...known({ headline_seconds: delay.headlineSeconds, late_share: delay.lateShare }),
    ...known({ typical_seconds: delay.typicalSeconds, expected_seconds: delay.expected.seconds }),
    stuck: delay.stuck.count,
    ...known({ at_senders_seconds: delay.atSenders?.seconds ?? null }),
    ...(delay.atSenders === undefined ? {} : { at_senders: delay.atSenders.count }),
  };
  const points: Point[] = [{ measurement: "mail_delay", tags: { site, direction: "all" }, atMs, fields: whole }];
  for (const [direction, numbers] of Object.entries(delay.directions)) {
    const fields = known({
      headline_seconds: numbers.headlineSeconds,
      late_share: numbers.lateShare,
      typical_seconds: numbers.typicalSeconds,
    });
    if (Object.keys(fields).length > 0)
      points.push({ measurement: "mail_delay", tags: { site, direction }, atMs, fields });
  }
  return points;
}

/** The queues of all nodes together: the model's section is the site's. */
export function queuePoints(site: SiteId, { queues }: QueueSection, atMs: EpochMs): Point[] {
  return queues.map(({ name, count, waiting, oldestSeconds }) => ({
    measurement: "mail_queue",
    tags: { site, node: allNodes, queue: name },
    atMs,
    fields: {
      messages: count,
      own: waiting.own + waiting.unknown,
      remote: waiting.remote,
      ...known({ oldest_seconds: oldestSeconds }),
    },
  }));
}

export function stagePoints(site: SiteId, { stages }: StageSection, atMs: EpochMs): Point[] {
  return stages.flatMap(({ name, medianSeconds, p95Seconds }) => {
    const fields = known({ median_seconds: medianSeconds, p95_seconds: p95Seconds });
    return Object.keys(fields).length === 0
      ? []
      : [{ measurement: "mail_stage" as const, tags: { site, node: allNodes, stage: name }, atMs, fields }];
  });
}

const allNodes = "all" as NodeId;

function known(values: Readonly<Record<string, number | null>>): Record<string, number> {
  const fields: Record<string, number> = {};
  for (const [name, value] of Object.entries(values))
    if (value !== null && Number.isFinite(value)) fields[name] = value;
  return fields;
}
