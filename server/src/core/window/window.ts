import type { EpochMs, NodeId } from "@mailtide/shared";
import { tellsArrival, tellsEnvelope } from "../arrival.ts";
import type { MailEvent } from "../event.ts";
import { StageDelays } from "./stages.ts";

/** What one node did in one second of event time. Two windows merge into one without loss. */
export interface Window {
  readonly node: NodeId;
  readonly startMs: EpochMs;
  readonly counts: FlowCounts;
  /** Delays of what was sent in this second; null when nothing was. */
  readonly stages: StageDelays | null;
}

export const flowFields = [
  "accepted",
  "sent",
  "deferred",
  "bounced",
  "rejected",
  "connections",
  "lines",
  "unparsed",
  "lost",
] as const;
export type FlowField = (typeof flowFields)[number];
/** `accepted` counts messages; `sent`, `deferred` and `bounced` (with expired) count recipients, as the MTA logs them. */
export type FlowCounts = Record<FlowField, number>;

export interface OpenWindow {
  readonly counts: FlowCounts;
  stages: StageDelays | null;
}

export const noFlow = (): FlowCounts => ({
  accepted: 0,
  sent: 0,
  deferred: 0,
  bounced: 0,
  rejected: 0,
  connections: 0,
  lines: 0,
  unparsed: 0,
  lost: 0,
});

export const openWindow = (): OpenWindow => ({ counts: noFlow(), stages: null });

export function addFlow(into: FlowCounts, counts: FlowCounts): void {
  for (const field of flowFields) into[field] += counts[field];
}

export function mergeWindow(into: OpenWindow, window: OpenWindow): void {
  addFlow(into.counts, window.counts);
  if (window.stages === null) return;
  (into.stages ??= new StageDelays()).merge(window.stages);
}

/** One line of a log into its second. A line that stands for several ("message repeated") is one line, several facts. */
export function countEvent(window: OpenWindow, event: MailEvent): void {
  const { counts } = window;
  const times = event.repeated ?? 1;
  counts.lines += 1;
  // The logger's own word ("Suppressed N messages"); what a collector missed comes as a loss of its own.
  if (event.lostLines !== undefined && event.lostLines > 0) counts.lost += event.lostLines;
  switch (event.event) {
    case "connect":
      counts.connections += times;
      return;
    case "reject":
      counts.rejected += times;
      return;
    case "delivery":
      countDelivery(window, event, times);
      return;
    case "queued":
    case "message":
      if (isAcceptance(event)) counts.accepted += times;
      return;
    case "other":
      if (isUnparsed(event)) counts.unparsed += 1;
      return;
    case "disconnect":
    case "client":
    case "removed":
    case "bounce-notice":
    case "auth-failure":
    case "warning":
  }
}

/** Nothing of the line was understood, not even which program wrote it. */
const isUnparsed = (event: MailEvent): boolean => event.process === undefined && event.queueId === undefined;

/** A message came in. Postfix says `queued` (cleanup) once for each; others say `message`. */
function isAcceptance(event: MailEvent): boolean {
  return event.event === "queued" ? !tellsEnvelope(event) : tellsArrival(event);
}

function countDelivery(window: OpenWindow, event: MailEvent, times: number): void {
  const { counts } = window;
  if (event.status === "deferred") counts.deferred += times;
  else if (event.status === "bounced" || event.status === "expired") counts.bounced += times;
  else if (event.status === "sent") {
    counts.sent += times;
    if (event.delays === undefined) return;
    // Only what was sent: stage a of a deferred message is its age, and a dead remote domain would drown the rest.
    (window.stages ??= new StageDelays()).add(event.delays);
  }
}
