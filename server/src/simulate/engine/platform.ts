import type { EpochMs } from "@mailtide/shared";
import type { Agenda } from "../agenda.ts";
import { createRandom, type Random } from "../random.ts";
import type { Scenario } from "../scenario/schema.ts";
import { emptyTally, type Tally } from "./message.ts";
import { createMailNode, type MailNode } from "./node.ts";
import { createNodeLog } from "./node-log.ts";
import { createPids, createProcessPool, type ProcessPool } from "./processes.ts";
import { createQueueIds } from "./queue-id.ts";
import type { Truth } from "./truth/truth.ts";
import { createUsage } from "./usage.ts";
import type { DaySink, Door, Usage, World } from "./world.ts";

/** All hosts of a scenario. */
export interface Platform {
  readonly doors: readonly Door[];
  readonly usage: Usage;
  readonly tally: Readonly<Tally>;
  /** Log lines so far. */
  lines(): number;
  /** Units of others than ourselves that are in a queue. */
  waiting(): number;
  /** Writes the queue snapshots of a whole minute. */
  snapshot(atMs: EpochMs): void;
}

export interface PlatformParts {
  readonly scenario: Scenario;
  readonly world: World;
  readonly agenda: Agenda;
  readonly truth: Truth;
  readonly sink: Pick<DaySink, "log" | "queue">;
  /** Every part draws from its own source, so that a change in one leaves the others as they were. */
  seeds(): number;
}

const secondMs = 1000;
const dayMs = 86_400_000;

export function createPlatform(parts: PlatformParts): Platform {
  const { scenario, world, agenda, truth, sink } = parts;
  const tally = emptyTally();
  const usage = createUsage(() => agenda.nowMs);
  const logs = scenario.platform.nodes.map((host) =>
    createNodeLog({
      host,
      timezone: scenario.timezone,
      rotation: scenario.platform.logRotation,
      random: createRandom(parts.seeds()),
      now: () => agenda.nowMs,
      clockOffsetMs: () => world.conditions.clockOffsetMs(host, agenda.nowMs),
      lossShare: () => world.conditions.logLossShare(host, agenda.nowMs),
      write: (line) => sink.log(host, line),
    }),
  );
  const nodes = logs.map((log, number) => {
    const name = scenario.platform.nodes[number] ?? "";
    const pids = createPids(2_000 + 1_000 * number);
    const pools = new Map<string, ProcessPool>();
    const newId = createQueueIds((number + 1) * 4_000_000);
    return createMailNode({
      name,
      agenda,
      random: createRandom(parts.seeds()),
      scenario,
      world,
      truth,
      usage,
      tally,
      log,
      processes(tag, service = tag) {
        const pool = pools.get(service) ?? createProcessPool(name, tag, pids);
        pools.set(service, pool);
        return pool;
      },
      // The host names its files by its own clock.
      newQueueId: (atMs) => newId(atMs + world.conditions.clockOffsetMs(name, atMs)),
    });
  });
  inheritOldMail(world, createRandom(parts.seeds()), nodes, agenda.nowMs, scenario);
  const tick = () => {
    for (const node of nodes) node.tick();
    agenda.at(agenda.nowMs + secondMs, tick);
  };
  agenda.at(agenda.nowMs, tick);

  return {
    doors: nodes.map(({ door }) => door),
    usage,
    tally,
    lines: () => logs.reduce((sum, { lines }) => sum + lines, 0),
    waiting: () => nodes.reduce((sum, { book }) => sum + book.units, 0),
    snapshot(atMs) {
      for (const { name, book } of nodes) sink.queue(name, JSON.stringify(book.document(atMs)));
    },
  };
}

/** A queue always holds mail for hosts that have been dead for days: as much as 25 seconds of arrivals. */
const oldMailSeconds = 25;

function inheritOldMail(
  world: World,
  random: Random,
  nodes: readonly MailNode[],
  nowMs: EpochMs,
  { rate, platform: { queue } }: Scenario,
): void {
  const lifetimeMs = Math.min(5 * dayMs, queue.lifetimeSeconds * 1000);
  for (let count = Math.round(oldMailSeconds * rate); count > 0; count--) {
    const ageMs = random.unit() * lifetimeMs;
    const dueMs = nowMs + random.unit() * queue.maximalBackoffSeconds * 1000;
    random.pick(nodes).inherit(nowMs - ageMs, dueMs, world.customerAddress(random), world.deadAddress(random));
  }
}
