import type { EpochMs } from "@mailtide/shared";

/** One point of a series. Idempotent by measurement, tags and time: writing it again changes nothing. */
export interface Point {
  readonly measurement: MeasurementName;
  readonly tags: Readonly<Record<string, string>>;
  readonly atMs: EpochMs;
  /** Finite numbers only; a value that is not known is left out. */
  readonly fields: Readonly<Record<string, number>>;
}

/** How a field of several points becomes one when a tier is rolled up. */
export type Aggregate = "sum" | "max" | "min" | "last" | "mean";

/** Tiers that are stored; a view reads the one that fits its pixels. */
export const tiers = [
  { name: "10s", stepMs: 10_000 },
  { name: "1m", stepMs: 60_000 },
] as const;
export type TierName = (typeof tiers)[number]["name"];

/**
 * Every series that Mailtide stores. Tags come from this list only, so that their number is bounded:
 * a client address never becomes a tag but as `rank` of the current heaviest.
 */
export const measurements = {
  mail_delay: {
    tags: ["site", "direction"],
    fields: {
      headline_seconds: "max",
      late_share: "max",
      typical_seconds: "mean",
      expected_seconds: "max",
      stuck: "max",
      at_senders_seconds: "max",
      at_senders: "max",
    },
  },
  mail_queue: {
    tags: ["site", "node", "queue"],
    fields: { messages: "last", own: "last", remote: "last", oldest_seconds: "last" },
  },
  mail_flow: {
    tags: ["site", "node"],
    fields: {
      accepted: "sum",
      sent: "sum",
      deferred: "sum",
      bounced: "sum",
      rejected: "sum",
      connections: "sum",
      lines: "sum",
      unparsed: "sum",
      lost: "sum",
    },
  },
  mail_stage: {
    tags: ["site", "node", "stage"],
    fields: { median_seconds: "mean", p95_seconds: "max" },
  },
  mail_sources: {
    tags: ["site"],
    fields: { distinct: "max", fresh: "max", spoof_share: "max", spoofing: "max" },
  },
  mail_top_source: {
    tags: ["site", "rank", "ip"],
    fields: { messages: "sum", connections: "sum", rejects: "sum" },
  },
  dependency: {
    tags: ["site", "id", "type"],
    fields: {
      up: "min",
      latency_seconds: "max",
      connections_used: "max",
      lock_waits: "max",
      longest_wait_seconds: "max",
      longest_transaction_seconds: "max",
      replication_lag_seconds: "max",
      write_seconds: "max",
      memory_share: "max",
      free_share: "min",
      free_inodes_share: "min",
      io_wait_seconds: "max",
    },
  },
} as const satisfies Record<
  string,
  { readonly tags: readonly string[]; readonly fields: Readonly<Record<string, Aggregate>> }
>;
export type MeasurementName = keyof typeof measurements;
