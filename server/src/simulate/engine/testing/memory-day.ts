import { scenarioSchema } from "../../scenario/schema.ts";
import { playDay } from "../play-day.ts";
import type { SimulateResult } from "../simulate-contract.ts";
import { tinyWorld, type TinyWorldOptions } from "./tiny-world.ts";

export interface MemoryDay extends SimulateResult {
  /** Log lines of all nodes, in the order in which they were written. */
  readonly log: readonly string[];
  readonly queue: readonly { readonly at: string; readonly queues: Record<string, { readonly count: number }> }[];
  readonly observations: readonly object[];
}

export interface MemoryDayOptions {
  /** Parts of a scenario over one node at one message a second, 10:00 to 11:00 UTC. */
  readonly scenario?: object;
  readonly world?: TinyWorldOptions;
  readonly seed?: number;
}

export const tinyDay = {
  version: 1,
  id: "tiny",
  title: "A quiet hour",
  timezone: "UTC",
  from: "2016-05-11T10:00",
  to: "2016-05-11T11:00",
  rate: 1,
  platform: { nodes: ["mx1"] },
};
export const tinyDayMs = Date.UTC(2016, 4, 11, 10);

/** A day in a tiny world, without files. */
export async function memoryDay({ scenario = {}, world = {}, seed = 1 }: MemoryDayOptions = {}): Promise<MemoryDay> {
  const log: string[] = [];
  const queue: MemoryDay["queue"][number][] = [];
  const observations: object[] = [];
  const result = await playDay(
    {
      scenario: scenarioSchema.parse({ ...tinyDay, ...scenario }),
      seed,
      sink: {
        log: (_node, line) => void log.push(line),
        queue: (_node, row) => void queue.push(JSON.parse(row) as MemoryDay["queue"][number]),
        probe: () => undefined,
        change: () => undefined,
        observation: (row) => void observations.push(JSON.parse(row) as object),
        drained: () => Promise.resolve(),
      },
    },
    tinyWorld(world),
  );
  return { ...result, log, queue, observations };
}
