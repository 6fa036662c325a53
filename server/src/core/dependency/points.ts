import type { SiteId } from "@mailtide/shared";
import type { Point } from "../measurement.ts";
import type { ProbeObservation } from "../observation.ts";

/** One point of `dependency` for each probe; what the probe could not see is left out. */
export function probePoint(site: SiteId, { id, type, atMs, ok, latencySeconds, details }: ProbeObservation): Point {
  const fields: Record<string, number> = { up: ok ? 1 : 0, latency_seconds: latencySeconds };
  const optional = {
    connections_used: details?.connectionsUsed,
    lock_waits: details?.lockWaits,
    longest_wait_seconds: details?.longestWaitSeconds,
    longest_transaction_seconds: details?.longestTransactionSeconds,
    replication_lag_seconds: details?.replicationLagSeconds,
    write_seconds: details?.writeSeconds,
    memory_share: details?.memoryShare,
    free_share: details?.freeShare,
    free_inodes_share: details?.freeInodesShare,
    io_wait_seconds: details?.ioWaitSeconds,
  };
  for (const [field, value] of Object.entries(optional)) if (value !== undefined) fields[field] = value;
  return { measurement: "dependency", tags: { site, id, type }, atMs, fields };
}
