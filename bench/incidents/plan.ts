import type { PerSecond } from "@mailtide/shared";
import { readScenario } from "../../server/src/simulate/scenario/read.ts";
import type { Scenario } from "../../server/src/simulate/scenario/schema.ts";
import { type Cell, lengthSeconds, scenarioOf, scenarioPath } from "./cell.ts";
import { type Expectation, expectations } from "./expectations.ts";
import { variationOf } from "./variation.ts";

export interface Planned {
  readonly cell: Cell;
  /** Rough work, for the order and for how long it will take: messages, and so much for every second of a day. */
  readonly work: number;
}

/** Of the ninety days each is a sample; other runs of an incident tell something, other runs of them little. */
const seedsOf = ({ kind }: Expectation, seeds: number): number => (kind === "normal" ? 1 : seeds);

const dayMs = 86_400_000;
/** What a second without mail takes, in messages. */
const idleMessages = 0.5;

/** Every run of every day, the long ones first. */
export async function planMatrix(options: {
  readonly seeds: number;
  readonly rate: PerSecond;
  readonly only: readonly string[];
  /** Only the first so many of the normal days. */
  readonly normalDays: number;
}): Promise<Planned[]> {
  const cells: Cell[] = [];
  for (const [scenario, expectation] of Object.entries(expectations)) {
    if (options.only.length > 0 && !options.only.includes(scenario)) continue;
    const written = await readScenario(scenarioPath(scenario));
    const rate = Math.min(options.rate, written.rate);
    for (let seed = 1; seed <= seedsOf(expectation, options.seeds); seed++)
      cells.push({
        scenario,
        seed,
        variation: variationOf(scenario, seed),
        rate,
        ...(expectation.kind === "normal" ? firstDays(written, options.normalDays) : {}),
      });
  }
  return weigh(cells);
}

function firstDays({ from, to }: Pick<Scenario, "from" | "to">, days: number): Pick<Cell, "span"> {
  const until = new Date(Date.parse(`${from}Z`) + days * dayMs).toISOString().slice(0, from.length);
  return until >= to ? {} : { span: { from, to: until } };
}

/**
 * The short matrix, for every change of the product: the origin day, the three shortest incident days, and seven normal days
 * with two holidays and a collector that is away for ten minutes. The rates are the least at which these days still are what
 * their providers said.
 */
const short: readonly Omit<Cell, "seed" | "variation">[] = [
  { scenario: "synaq-2016-05-11", rate: 2 },
  { scenario: "utaustin-2013-11-18", rate: 4 },
  { scenario: "mxtoolbox-2010-08-06", rate: 3 },
  { scenario: "postmark-early", rate: 4 },
  { scenario: "normal-medium", rate: 0.2, span: { from: "2026-04-03T00:00", to: "2026-04-10T00:00" } },
];

export const planShort = (): Promise<Planned[]> => weigh(short.map((cell) => ({ ...cell, seed: 1, variation: {} })));

async function weigh(cells: readonly Cell[]): Promise<Planned[]> {
  const planned: Planned[] = [];
  for (const cell of cells) {
    const scenario = await scenarioOf(cell);
    planned.push({ cell, work: lengthSeconds(scenario) * (cell.rate + idleMessages) });
  }
  return planned.toSorted((a, b) => b.work - a.work || a.cell.seed - b.cell.seed);
}
