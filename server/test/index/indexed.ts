import { type EpochMs, nodeId } from "@mailtide/shared";
import { lineReader } from "../../src/collect/readers.ts";
import type { LogObservation } from "../../src/core/observation.ts";
import { Follower } from "../../src/index/follower.ts";
import type { IndexAnswer, IndexQuery } from "../../src/index/message-index.ts";
import { migrations } from "../../src/index/schema.ts";
import { search } from "../../src/index/search.ts";
import { HopTable } from "../../src/index/table.ts";
import { openEngine, transaction } from "../../src/store/embedded/engine.ts";
import { migrate } from "../../src/store/embedded/migrate.ts";

export const dayMs: EpochMs = Date.UTC(2026, 10, 23);

/** Lines of a node's log, as its MTA writes them. */
export interface Log {
  readonly node: string;
  readonly mta: string;
  readonly lines: readonly string[];
  /** Of a program that runs here now; else its times are of 2026 in UTC. */
  readonly here?: boolean;
}

/** The index without its thread, in memory. */
export class Indexed {
  readonly engine = openEngine(":memory:");
  readonly table: HopTable;
  /** Another one stands for a restart. */
  follower: Follower;

  constructor(versions = migrations) {
    migrate(this.engine, ":memory:", versions);
    this.table = new HopTable(this.engine);
    this.follower = new Follower(this.table);
  }

  /** One turn: first all of the first log, then all of the second. */
  read(logs: readonly Log[], nowMs: EpochMs = dayMs): this {
    return this.turn(logs.flatMap(observationsOf), nowMs);
  }

  turn(observations: readonly LogObservation[], nowMs: EpochMs = dayMs): this {
    for (const observation of observations) this.follower.apply(observation, nowMs);
    transaction(this.engine, () => {
      this.table.save(this.follower.hops.takeChanged());
      if (this.follower.passes.match(nowMs)) this.table.save(this.follower.hops.takeChanged());
    });
    return this;
  }

  find(by: IndexQuery["by"], value: string, more: Omit<IndexQuery, "by" | "value"> = {}): IndexAnswer {
    return search(this.table, { by, value, ...more });
  }
}

export function observationsOf({ node, mta, lines, here = false }: Log): LogObservation[] {
  const zone = here ? Intl.DateTimeFormat().resolvedOptions().timeZone : "UTC";
  const parse = lineReader(mta, { zone, year: here ? new Date().getFullYear() : 2026 });
  return lines.map((line) => {
    const event = parse?.(line) ?? { event: "other" };
    return { kind: "log", node: nodeId(node), atMs: event.atMs ?? dayMs, event };
  });
}
