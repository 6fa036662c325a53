import type { Cause, EpochMs } from "@mailtide/shared";
import { at, say } from "../say.ts";

export const incident = {
  "incident.then": (p: { first: string; next: string }) => say`${upper(causeName(p.first))}, then ${causeName(p.next)}`,
  "incident.and": (p: { first: string; next: string }) => say`${upper(causeName(p.first))} and ${causeName(p.next)}`,
  "incident.one": (p: { cause: string }) => say`${upper(causeName(p.cause))}`,
  "alert.clear-since": (p: { sinceMs: EpochMs }) => say`Clear since ${at(p.sinceMs)}.`,
  "mark.began": (p: { cause: string; atMs: EpochMs }) => say`${causeMark(p.cause)} ${at(p.atMs)}`,
  "mark.change": (p: { title: string; atMs: EpochMs }) => say`${p.title} ${at(p.atMs)}`,
};

/** In running text, and as short as a mark in a chart wants it. */
const causeWords: Readonly<Record<Cause, readonly [name: string, mark: string]>> = {
  "spoof-flood": ["a spoofing flood", "flood"],
  "inbound-flood": ["a flood from new sources", "flood"],
  backscatter: ["backscatter", "backscatter"],
  "mail-loop": ["a mail loop", "loop"],
  "auth-bruteforce": ["password guessing", "guessing"],
  "account-hijack": ["a hijacked account", "hijack"],
  "database-unresponsive": ["an unresponsive database", "database"],
  "database-saturated": ["a saturated database", "connections"],
  "schema-lock": ["a locked database", "lock"],
  "writes-refused": ["a database that takes no writes", "no writes"],
  "replication-lag": ["a copy that is behind", "replication"],
  "dns-failure": ["failing DNS", "DNS"],
  "ldap-failure": ["failing LDAP", "LDAP"],
  "filter-slow": ["a slow content filter", "filter"],
  "delivery-slow": ["slow delivery", "slow delivery"],
  "connect-timeouts": ["connections that time out", "timeouts"],
  "remote-throttling": ["a throttling remote side", "throttling"],
  "certificate-expired": ["an expired certificate", "certificate"],
  "ip-listed": ["a listed address of ours", "listed"],
  "spool-full": ["a full spool", "spool"],
  "process-limit": ["a process limit", "limit"],
  "no-departures": ["queues that stand still", "standstill"],
  "no-arrivals": ["no arriving mail", "no arrivals"],
  capacity: ["late mail", "late"],
  "stuck-messages": ["stuck messages", "stuck"],
  "collector-stale": ["missing data", "no data"],
  "log-loss": ["lost log lines", "lost lines"],
  "duplicate-node": ["a node seen twice", "twice"],
  change: ["a change", "change"],
};

const words = (cause: string): readonly [string, string] => causeWords[cause as Cause] ?? [cause, cause];
const causeName = (cause: string): string => words(cause)[0];
const causeMark = (cause: string): string => words(cause)[1];
/** A title drops the article: `Spoofing flood, then a locked database`. */
function upper(name: string): string {
  const bare = name.replace(/^an? /, "");
  return bare.charAt(0).toUpperCase() + bare.slice(1);
}
