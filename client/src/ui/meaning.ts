import type { Cause, DependencyView, Severity } from "@mailtide/shared";

/** What a colour says. Never the only signal: a word, a shape or a position always stands beside it. */
export const meanings = ["calm", "late", "severe", "attack", "information", "unknown"] as const;
export type Meaning = (typeof meanings)[number];

const attacks: ReadonlySet<Cause> = new Set([
  "spoof-flood",
  "inbound-flood",
  "backscatter",
  "auth-bruteforce",
  "account-hijack",
]);
const severeCauses: ReadonlySet<Cause> = new Set([
  "database-unresponsive",
  "database-saturated",
  "writes-refused",
  "schema-lock",
  "dns-failure",
  "ldap-failure",
  "no-departures",
  "certificate-expired",
  "ip-listed",
  "spool-full",
  "mail-loop",
]);

export const isAttack = (cause: Cause): boolean => attacks.has(cause);

export function meaningOfCause(cause: Cause): Meaning {
  if (attacks.has(cause)) return "attack";
  if (severeCauses.has(cause)) return "severe";
  if (cause === "collector-stale" || cause === "log-loss" || cause === "duplicate-node") return "unknown";
  return cause === "change" ? "information" : "late";
}

export function meaningOfSeverity(severity: Severity): Meaning {
  if (severity === "page") return "severe";
  return severity === "ticket" ? "late" : "information";
}

export const meaningOfDependency: Readonly<Record<DependencyView["state"], Meaning>> = {
  ok: "calm",
  slow: "late",
  failing: "severe",
  unknown: "unknown",
};
