/** Closed lists of words that stand on screens, in reports and in pages. */

export const causes = [
  "spoof-flood",
  "inbound-flood",
  "backscatter",
  "mail-loop",
  "auth-bruteforce",
  "account-hijack",
  "database-unresponsive",
  "database-saturated",
  "schema-lock",
  "writes-refused",
  "replication-lag",
  "dns-failure",
  "ldap-failure",
  "filter-slow",
  "delivery-slow",
  "connect-timeouts",
  "remote-throttling",
  "certificate-expired",
  "ip-listed",
  "spool-full",
  "process-limit",
  "no-departures",
  "no-arrivals",
  "capacity",
  "stuck-messages",
  "collector-stale",
  "log-loss",
  "duplicate-node",
  "change",
] as const;
export type Cause = (typeof causes)[number];

/** A page means customers are hit or will be within the hour; a ticket can wait for the morning. */
export const severities = ["page", "ticket", "info"] as const;
export type Severity = (typeof severities)[number];

export const attributions = ["own", "remote", "recipient", "policy", "held", "unknown"] as const;
/** Whose wait it is. */
export type Attribution = (typeof attributions)[number];

export const directions = ["in", "out", "internal"] as const;
export type Direction = (typeof directions)[number];

export const scopes = ["read", "search", "ack", "change", "ingest", "admin"] as const;
export type Scope = (typeof scopes)[number];

export const dependencyTypes = [
  "postgres",
  "mysql",
  "redis",
  "ldap",
  "dns",
  "smtp",
  "roundtrip",
  "filter",
  "http",
  "tcp",
  "disk",
  "certificate",
] as const;
export type DependencyType = (typeof dependencyTypes)[number];

/**
 * What exactly fails, where that calls for other measures than no answer at all. `writes`: it answers and takes no writes;
 * `replication`: a copy is behind, or no longer copies; `full`: a disk has no room for mail, or will have none within the hour.
 */
export const probeFaults = ["writes", "replication", "full"] as const;
export type ProbeFault = (typeof probeFaults)[number];

/** LIVE is the real platform; the other two are labelled on every screen. */
export type Mode = "live" | "simulated" | "replay";
