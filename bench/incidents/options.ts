import { parseArgs } from "node:util";
import type { PerSecond } from "@mailtide/shared";

export interface Options {
  readonly seeds: number;
  /** Ids of scenarios; empty: all. */
  readonly only: readonly string[];
  /** Highest rate; a scenario that is written smaller keeps its own. */
  readonly rate: PerSecond;
  /** Of the ninety normal days. */
  readonly normalDays: number;
  readonly jobs: number;
  readonly cache: string;
  /** Captures stay in the cache. */
  readonly keep: boolean;
  readonly ci: boolean;
  readonly accept: boolean;
  readonly write: boolean;
  readonly json: string | null;
}

export const usage = `usage: npm run bench:incidents -- [options]
  --seeds N      runs of each day, the first as it is written (20); normal days are played once
  --only ID,..   these days alone
  --rate R       at most R messages a second (20)
  --normal-days N  the first N of the ninety normal days (90)
  --jobs N       so many at a time (2)
  --cache DIR    where truths and reports are kept (node_modules/.cache/mailtide-incidents)
  --keep         keep the captures as well
  --ci           the short matrix, held against bench/incidents/baseline.json; --accept makes it the baseline
  --write        put the tables into bench/RESULTS.md
  --json FILE    write every score`;

/** Throws in words. `days` are the ids that exist. */
export function readOptions(args: readonly string[], days: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seeds: { type: "string", default: "20" },
      only: { type: "string", default: "" },
      rate: { type: "string", default: "20" },
      "normal-days": { type: "string", default: "90" },
      jobs: { type: "string", default: "2" },
      cache: { type: "string", default: "node_modules/.cache/mailtide-incidents" },
      keep: { type: "boolean", default: false },
      ci: { type: "boolean", default: false },
      accept: { type: "boolean", default: false },
      write: { type: "boolean", default: false },
      json: { type: "string" },
    },
  });
  const only = values.only.split(",").filter((id) => id !== "");
  for (const id of only)
    if (!days.includes(id)) throw new Error(`--only: there is no day ${id}; known: ${days.join(", ")}`);
  if (values.accept && !values.ci) throw new Error("--accept goes with --ci");
  if (values.ci && (values.write || only.length > 0)) throw new Error("--ci has days of its own and writes no results");
  return {
    seeds: positive("--seeds", values.seeds, true),
    only,
    rate: positive("--rate", values.rate, false),
    normalDays: positive("--normal-days", values["normal-days"], true),
    jobs: positive("--jobs", values.jobs, true),
    cache: values.cache,
    keep: values.keep,
    ci: values.ci,
    accept: values.accept,
    write: values.write,
    json: values.json ?? null,
  };
}

function positive(name: string, text: string, isWhole: boolean): number {
  const value = Number(text);
  if (text.trim() !== "" && Number.isFinite(value) && value > 0 && (!isWhole || Number.isInteger(value))) return value;
  throw new Error(`${name}: "${text}" is not a ${isWhole ? "whole " : ""}number above 0`);
}
