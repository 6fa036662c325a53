import type { EpochMs, LateHost, Millis, NodeId } from "@mailtide/shared";
import type { Steps } from "../steps.ts";
import type { Cohorts } from "./cohorts.ts";
import { unitsNeeded } from "./headline.ts";
import type { NodeBook } from "./node-book.ts";
import { ownWaitMs, type Unit } from "./unit.ts";
import { visitWaitingOver } from "./waiting-over.ts";

const mostHosts = 20;
const mostDestinations = 1_000;

/** What waits at one host for longer than the target. */
class Waiting {
  readonly waitsMs: Millis[] = [];
  readonly #byDestination = new Map<string, number>();

  add(unit: Unit, waitMs: Millis): void {
    this.waitsMs.push(waitMs);
    const destination = unit.destination || unit.domain;
    const count = this.#byDestination.get(destination);
    if (count !== undefined || this.#byDestination.size < mostDestinations)
      this.#byDestination.set(destination, (count ?? 0) + 1);
  }

  /** For which at least half of them wait. */
  destination(): LateHost["destination"] {
    let most: LateHost["destination"] = null;
    for (const [name, count] of this.#byDestination) if (count > (most?.count ?? 0)) most = { name, count };
    return most !== null && most.name !== "" && 2 * most.count >= this.waitsMs.length ? most : null;
  }
}

/**
 * Hosts whose own mail is late, where the site as a whole is not: one host of forty has too little of it to be seen in the
 * headline. The wait of a host is the longest of which we are sure, as the headline is, that more than one in twenty suffers
 * it: of what waits on us there and what left there in the last quarter of an hour. Only what waits there now is looked at, and
 * only how long it does there: a mail that came late is not late by this host.
 */
export function* lateHosts(
  cohorts: Cohorts,
  books: ReadonlyMap<NodeId, NodeBook>,
  targetMs: Millis,
  nowMs: EpochMs,
): Steps<readonly LateHost[]> {
  const byNode = new Map<NodeId, Waiting>();
  yield* visitWaitingOver(cohorts, targetMs, nowMs, (unit) => {
    const waitMs = waitHereMs(unit, nowMs);
    if (waitMs <= targetMs) return;
    let waiting = byNode.get(unit.node);
    if (waiting === undefined) byNode.set(unit.node, (waiting = new Waiting()));
    waiting.add(unit, waitMs);
  });
  const late: LateHost[] = [];
  for (const [node, waiting] of byNode) {
    const book = books.get(node);
    const host = book === undefined ? null : lateHost(book, waiting, nowMs);
    if (host !== null) late.push(host);
  }
  return late.sort((a, b) => b.count - a.count || (a.node < b.node ? -1 : 1)).slice(0, mostHosts);
}

function lateHost({ id, departures }: NodeBook, waiting: Waiting, nowMs: EpochMs): LateHost | null {
  const waits = waiting.waitsMs.sort((a, b) => b - a);
  const count = waits.length;
  const wait = waits[unitsNeeded(departures.lately(nowMs) + count) - 1];
  if (wait === undefined) return null;
  return {
    node: id,
    count,
    waitSeconds: wait / 1_000,
    oldestSeconds: (waits[0] ?? 0) / 1_000,
    lastDepartureMs: departures.lastMs,
    destination: waiting.destination(),
  };
}

/** Of its own wait, what it has spent here, since the last wait that was not ours ran longer than the target. */
function waitHereMs(unit: Unit, nowMs: EpochMs): Millis {
  const hereMs = nowMs - (unit.message?.arrivalMs ?? unit.acceptedMs);
  return Math.min(hereMs, ownWaitMs(unit, nowMs) - unit.restartMs);
}
