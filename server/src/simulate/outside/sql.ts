import type { EpochMs, PerSecond } from "@mailtide/shared";
import type { Random } from "../random.ts";
import type { Scenario } from "../scenario/schema.ts";
import type { EventOf, Timed } from "./timeline.ts";

/** What can be seen of a dependency at an instant. */
export interface Look {
  readonly atMs: EpochMs;
  readonly event: Timed<EventOf<"dependency">> | undefined;
  readonly slowdown: number;
  /** What the platform has open, and how fast it writes refusals. */
  readonly waiting: number;
  readonly refusalsPerSecond: PerSecond;
}

/** Part of all connections that pools and tools keep open on a usual day. */
const idleShare = 0.2;
/** How long a connection that writes one refusal stays open. */
const refusalSeconds = 0.4;
const mostBlocked = 20;
const readersPerSecond = 0.6;

/** The `details` of a SQL probe: sessions, locks and transactions, by what the platform does and what happened. */
export function sqlDetails(
  { connectionsMax }: Scenario["dependencies"][number],
  look: Look,
  random: Random,
): Record<string, unknown> {
  const lock = look.event?.state === "schema-lock" ? lockOf(look, look.event, connectionsMax) : null;
  const busy = look.waiting + look.refusalsPerSecond * refusalSeconds + (lock?.readers ?? 0);
  const taken =
    look.event?.state === "saturated" ? connectionsMax : connectionsMax * idleShare + busy + random.below(6);
  return {
    connectionsUsed: Math.round(Math.min(connectionsMax, taken)),
    connectionsMax,
    lockWaits: lock === null ? 0 : lock.readers + 1,
    longestWaitSeconds: lock?.seconds ?? 0,
    blocked: lock?.blocked ?? [],
    ddl: lock?.ddl ?? [],
    longestTransactionSeconds:
      Math.round((lock === null ? random.lognormal(1.5, 0.8) : lock.seconds + 340) * 1000) / 1000,
  };
}

/** The statement waits behind a report that began before it; every later reader waits behind the statement. */
function lockOf(look: Look, event: Timed<EventOf<"dependency">>, connectionsMax: number) {
  const seconds = Math.max(0, Math.round((look.atMs - event.fromMs) / 1000));
  const statement = event.statement ?? "ALTER TABLE mail ADD COLUMN note text";
  const readers = Math.min(Math.floor(connectionsMax * 0.75), 1 + Math.floor(seconds * readersPerSecond));
  const blocked = [
    { session: "41873", blockedBy: ["40112"], seconds, statement },
    ...Array.from({ length: Math.min(readers, mostBlocked - 1) }, (_, index) => ({
      session: String(41_900 + index * 3),
      blockedBy: ["41873"],
      seconds: Math.max(0, seconds - Math.floor(index / readersPerSecond)),
      statement: "SELECT verdict FROM scan_results WHERE digest = ?",
    })),
  ];
  return { seconds, readers, blocked, ddl: [{ session: "41873", statement, seconds, granted: false }] };
}
