import type { Seconds } from "@mailtide/shared";
import { badness } from "../dependency-state.ts";
import { answered, luckyShare, noAnswer, type Found, type ProbeLook } from "./probe-parts.ts";
import { lockQueue } from "./schema-lock.ts";

/** Connections that the mail system's own programs and others keep open all the time, as a part of all. */
const keptShare = 0.2;
/** How long one refusal holds its connection when the database is well. */
const refusalSeconds: Seconds = 0.15;
/** A session that waits has done its connecting before. */
const connectPart = 0.6;
const spread = 0.4;

/** A PostgreSQL or MySQL server: a look-up over a fresh connection, and what a privileged session sees of the others. */
export function lookAtSql(look: ProbeLook): Found {
  const { dependency, condition, random } = look;
  const { usualSeconds } = dependency;
  const { state, slowdown } = condition;
  if (state === "refusing") return { ok: false, latencySeconds: brief(look), error: refusedBy(look) };
  const isLucky = random.unit() < luckyShare;
  if (state === "saturated" && !isLucky) {
    const details = sessions(look);
    return { ok: false, latencySeconds: brief(look), error: fullOf(look), details };
  }
  if (!Number.isFinite(slowdown) && !isLucky) return noAnswer();

  // What waits for a lock is slow; asking a table that nobody has locked is only as slow as a loaded server makes it.
  const isLocked = state === "schema-lock";
  const factor = isLucky ? 30 : isLocked ? Math.sqrt(slowdown) : slowdown;
  const connectSeconds = random.lognormal(usualSeconds * connectPart, spread) * Math.min(8, Math.sqrt(factor));
  const querySeconds = random.lognormal(usualSeconds * (1 - connectPart), spread) * factor;
  const times = { connectSeconds: round(connectSeconds), querySeconds: round(querySeconds) };
  return answered(connectSeconds + querySeconds, { ...times, ...sessions(look) });
}

/** Connections, locks and transactions, as the privileged session reads them. */
function sessions(look: ProbeLook): object {
  const { dependency, condition, event, usage, random, nowMs } = look;
  const { connectionsMax, id, usualSeconds } = dependency;
  const base = keptShare * connectionsMax + random.below(Math.max(2, Math.round(connectionsMax * 0.05)));
  const slowdown = Math.min(condition.slowdown, 10_000);
  const heldSeconds = refusalSeconds + usualSeconds * slowdown;
  const asked = usage.waiting(id) + usage.refusalsPerSecond(id) * heldSeconds;
  const locks = event?.state === "schema-lock" ? lockQueue(look, event, asked) : null;
  const taken = event?.state === "saturated" ? badness(event, nowMs) * (connectionsMax - base) : 0;
  const wanted = base + (locks?.lockWaits ?? Math.max(taken, asked));
  const isFull = condition.state === "saturated";
  return {
    connectionsUsed: isFull ? connectionsMax : Math.min(connectionsMax - 1, Math.round(wanted)),
    connectionsMax,
    lockWaits: locks?.lockWaits ?? 0,
    longestWaitSeconds: locks?.longestWaitSeconds ?? 0,
    blocked: locks?.blocked ?? [],
    ddl: locks?.ddl ?? [],
    longestTransactionSeconds: round(locks?.longestTransactionSeconds ?? random.lognormal(1.5, 0.8)),
  };
}

const portOf = ({ dependency }: ProbeLook) => (dependency.type === "mysql" ? 3306 : 5432);

function refusedBy(look: ProbeLook): string {
  const product = look.dependency.type === "mysql" ? "MySQL" : "PostgreSQL";
  return `${product} at ${look.dependency.id}:${portOf(look)} refuses connections: nothing listens there`;
}

/** PostgreSQL: SQLSTATE 53300; MySQL: ER_CON_COUNT_ERROR. */
const fullOf = ({ dependency }: ProbeLook): string =>
  dependency.type === "mysql"
    ? "no connection left: Too many connections (1040)"
    : "no connection left: sorry, too many clients already (53300)";

const brief = ({ random }: ProbeLook): Seconds => random.lognormal(0.002, spread);
const round = (seconds: Seconds): Seconds => Math.round(seconds * 100_000) / 100_000;
