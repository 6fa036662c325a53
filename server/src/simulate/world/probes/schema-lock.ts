import type { Seconds } from "@mailtide/shared";
import type { EventOf } from "../timeline.ts";
import type { ProbeLook } from "./probe-parts.ts";

/** A DDL statement that waits behind a long transaction, and everybody who queues up behind the statement. */
export interface LockQueue {
  readonly lockWaits: number;
  readonly longestWaitSeconds: Seconds;
  /** The longest waits only. */
  readonly blocked: readonly object[];
  readonly ddl: readonly object[];
  readonly longestTransactionSeconds: Seconds;
}

/** Readers a second that are not the mail system's: portals, reports. */
const othersPerSecond = 0.35;
const mostShown = 20;
/** How long the transaction had run that nobody noticed. */
const earlierSeconds: Seconds = 340;
/** Connections that are left for those who do not read the table. */
const sparedShare = 0.24;

export function lockQueue({ dependency, nowMs }: ProbeLook, event: EventOf<"dependency">, asked: number): LockQueue {
  // Whole ones that are over, as MariaDB tells them.
  const seconds = Math.floor((nowMs - event.fromMs) / 1000);
  const statement = event.statement ?? "ALTER TABLE scan_results ADD COLUMN note text";
  const session = String(41_000 + (event.fromMs % 900));
  const blocker = String(40_000 + (event.fromMs % 700));
  const most = Math.floor(dependency.connectionsMax * (1 - sparedShare));
  const readers = Math.min(most, 1 + Math.floor(seconds * othersPerSecond + asked));
  const everySeconds = seconds / readers;
  const behind = Array.from({ length: Math.min(readers, mostShown - 1) }, (_, index) => ({
    session: String(42_000 + index * 3),
    blockedBy: [session],
    seconds: Math.max(0, Math.round(seconds - index * everySeconds)),
    statement: "SELECT verdict FROM scan_results WHERE digest = ?",
  }));
  return {
    lockWaits: readers + 1,
    longestWaitSeconds: seconds,
    blocked: [{ session, blockedBy: [blocker], seconds, statement }, ...behind],
    ddl: [{ session, statement, seconds, granted: false }],
    longestTransactionSeconds: seconds + earlierSeconds,
  };
}
