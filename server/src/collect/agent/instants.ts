import { dependencyId, type EpochMs, type Millis, type NodeId } from "@mailtide/shared";
import type { Observation } from "../../core/observation.ts";
import type { SentObservation } from "./observation.ts";

/**
 * What an agent saw, as this server would have noted it: of the token's node, and by the server's clock wherever the instant
 * is the collector's own. What a log line states stays: Postfix' long queue ids hold the same clock, and the two must agree.
 */
export function asSeenHere(sent: SentObservation, node: NodeId, clock: Clock): Observation {
  const atMs = clock(sent.atMs);
  if (sent.kind === "log") return { ...sent, node, atMs: sent.event.atMs ?? atMs };
  // The gap of a loss lies between lines: its ends are what those state.
  if (sent.kind === "loss" || sent.kind === "counts") return { ...sent, node, atMs };
  // Under the node's name: an agent must not speak of what this server, or another agent, probes.
  if (sent.kind === "probe") return { ...sent, id: dependencyId(`${nodePrefix(node)}${sent.id}`), atMs };
  const snapshot = { ...sent.snapshot, atMs: clock(sent.snapshot.atMs) };
  return { ...sent, node, atMs, endMs: clock(sent.endMs), snapshot };
}

/** Before the ids of what the agent of a node probes; no id of a configuration has a slash. */
export const nodePrefix = (node: NodeId): string => `${node}/`;

/** An instant of the agent's clock -> of ours; never later than now, or silence would look fresh. */
export type Clock = (atMs: EpochMs) => EpochMs;

export function clockOf(offsetMs: Millis, nowMs: EpochMs): Clock {
  return (atMs) => Math.max(0, Math.min(nowMs, Math.round(atMs + offsetMs)));
}
