import type { Seconds } from "@mailtide/shared";
import type { CountedQueue } from "../../core/observation.ts";
import type { MappingRow } from "./row.ts";
import type { Sample } from "./sample.ts";

/** What a mapping found in some samples. */
export interface Reading {
  readonly queues: Readonly<Record<string, CountedQueue>>;
  /** Sums of counters; undefined where none was there. */
  readonly arrived: number | undefined;
  readonly left: number | undefined;
  /** Samples that the mapping speaks of. */
  readonly matched: number;
  /** The metric by which whoever counts says that it could not look. */
  readonly down: string | null;
}

const mostQueues = 64;
const mostEdges = 200;
/** Older than computers are. */
const oldest: Seconds = 1e10;
/** What is larger counts nothing that there is; nor may a sum leave the whole numbers. */
const most = Number.MAX_SAFE_INTEGER;
const plus = (a: number | null | undefined, b: number): number => Math.min(most, (a ?? 0) + b);

/** Collects samples by a mapping. Numbers that are none (NaN, negative, beyond 2^53) are not counted: absent is not zero. */
export class ReadingBuilder {
  readonly #rows = new Map<string, { readonly row: MappingRow; readonly part: Part }[]>();
  readonly #queues = new Map<string, Growing>();
  #arrived: number | undefined;
  #left: number | undefined;
  #matched = 0;
  #down: string | null = null;

  constructor(rows: readonly MappingRow[]) {
    const on = (metric: string, row: MappingRow, part: Part): void =>
      void this.#rows.set(metric, [...(this.#rows.get(metric) ?? []), { row, part }]);
    for (const row of rows) {
      if (row.minus !== undefined) on(row.minus, row, "minus");
      if (row.as !== "ages") on(row.metric, row, "value");
      else for (const part of ["bucket", "sum", "count"] as const) on(`${row.metric}_${part}`, row, part);
    }
  }

  /** What is not wanted need not be read. */
  wants(metric: string): boolean {
    return this.#rows.has(metric);
  }

  add(sample: Sample): void {
    for (const { row, part } of this.#rows.get(sample.name) ?? []) {
      const fits = Object.entries(row.labels ?? {}).every(([name, value]) => sample.labels.get(name) === value);
      if (!fits && part !== "minus") continue;
      if (part !== "minus") this.#matched += 1;
      if (!(sample.value >= 0 && sample.value <= most)) continue;
      this.#take(row, part, sample);
    }
  }

  finish(): Reading {
    const queues: Record<string, CountedQueue> = {};
    for (const [name, growing] of this.#queues) {
      const { count, bytes, minus } = growing;
      // An age or a size of nobody knows how many says too little.
      if (count === null) continue;
      const left = Math.max(0, Math.round(count) - Math.round(minus));
      queues[name] = { count: left, bytes: bytes === null ? null : Math.round(bytes), ...ageOf(growing, left) };
    }
    return { queues, arrived: this.#arrived, left: this.#left, matched: this.#matched, down: this.#down };
  }

  #take(row: MappingRow, part: Part, { labels, value, name }: Sample): void {
    if (row.as === "up") {
      if (value === 0) this.#down = name;
    } else if (row.as === "arrived") this.#arrived = plus(this.#arrived, value);
    else if (row.as === "left") this.#left = plus(this.#left, value);
    else if (row.queue !== undefined) this.#queue(row, part, labels, value);
  }

  #queue(row: MappingRow, part: Part, labels: Sample["labels"], value: number): void {
    const name = (row.queue ?? "").replace(/\{([\w.-]+)\}/g, (_, label: string) => labels.get(label) ?? "");
    const known = this.#queues.get(name);
    if (name === "" || (known === undefined && this.#queues.size >= mostQueues)) return;
    const queue = known ?? { count: null, bytes: null, age: null, atLeast: false, minus: 0, sum: 0, buckets: [] };
    if (known === undefined) this.#queues.set(name, queue);
    if (part === "minus") queue.minus = plus(queue.minus, value);
    else if (part === "sum") queue.sum = plus(queue.sum, value);
    else if (part === "bucket" && queue.buckets.length < mostEdges)
      queue.buckets.push([Number(labels.get("le")?.replace("+Inf", "Infinity")), value]);
    else if (part === "bucket") return;
    else if (part === "count" || row.as === "count") queue.count = plus(queue.count, value);
    else if (row.as === "bytes") queue.bytes = plus(queue.bytes, value);
    else {
      queue.age = Math.max(queue.age ?? 0, value);
      queue.atLeast ||= row.atLeast === true;
    }
  }
}

/** Which part of a histogram a sample is. */
type Part = "value" | "minus" | "bucket" | "sum" | "count";

interface Growing {
  count: number | null;
  bytes: number | null;
  age: number | null;
  atLeast: boolean;
  minus: number;
  /** Of a histogram: all ages together, and how many are up to an edge. */
  sum: number;
  readonly buckets: (readonly [edge: number, count: number])[];
}

/** The oldest of a histogram is older than every edge that not all are below, and no younger than the mean. */
function ageOf(
  { age, atLeast, sum, buckets, count }: Growing,
  left: number,
): Pick<CountedQueue, "oldestAgeSeconds" | "ageIsAtLeast"> {
  if (left === 0) return { oldestAgeSeconds: null };
  if (age !== null) return { oldestAgeSeconds: Math.min(age, oldest), ...(atLeast && { ageIsAtLeast: true }) };
  if (buckets.length === 0 || count === null) return { oldestAgeSeconds: null };
  const edges = buckets.flatMap(([edge, below]) => (below < count && Number.isFinite(edge) ? [edge] : []));
  return { oldestAgeSeconds: Math.min(Math.max(sum / count, ...edges), oldest), ageIsAtLeast: true };
}
