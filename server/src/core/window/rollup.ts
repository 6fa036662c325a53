import type { EpochMs, Millis } from "@mailtide/shared";
import { measurements, type Point, type TierName, tiers } from "../measurement.ts";
import type { SavedPart } from "../part.ts";
import { type Accumulated, accumulate, finish } from "./accumulate.ts";

export interface RollupOptions {
  /** A step stays open this long after its end. */
  readonly graceMs?: Millis;
  /** Different series in one step; points of any more are dropped and counted. */
  readonly maxSeries?: number;
}
export interface RolledUp {
  readonly tier: TierName;
  readonly points: readonly Point[];
}

/**
 * One-second points into the steps of every tier, each tier from the same input, so that a minute is exact and not a
 * mean of means. Points come out aligned to the start of their step, once, ordered by time, then series.
 * A point for a step that has closed goes to the oldest open one and is counted in `late`: sums stay whole.
 */
export class Rollup {
  readonly name = "rollup";
  readonly format = 1;
  readonly #graceMs: Millis;
  readonly #maxSeries: number;
  #steps = emptySteps();
  #closedBeforeMs = tiers.map(() => -Infinity);
  #late = 0;
  #dropped = 0;

  constructor({ graceMs = 3_000, maxSeries = 20_000 }: RollupOptions = {}) {
    this.#graceMs = graceMs;
    this.#maxSeries = maxSeries;
  }

  get counters(): { readonly late: number; readonly dropped: number } {
    return { late: this.#late, dropped: this.#dropped };
  }

  add(point: Point): void {
    const key = seriesKey(point);
    let late = false;
    let dropped = false;
    for (const [at, { stepMs }] of tiers.entries()) {
      const closedBeforeMs = this.#closedBeforeMs[at] ?? -Infinity;
      const ownMs = Math.floor(point.atMs / stepMs) * stepMs;
      const stepStartMs = Math.max(ownMs, closedBeforeMs);
      late ||= stepStartMs !== ownMs;
      dropped = !this.#addTo(at, stepStartMs, key, point) || dropped;
    }
    if (late) this.#late += 1;
    if (dropped) this.#dropped += 1;
  }

  /** The steps that are complete at `nowMs`; tiers without any are left out. */
  advance(nowMs: EpochMs): RolledUp[] {
    const out: RolledUp[] = [];
    // A clock was set back: what comes now is of now, not of when that is reached again.
    if (nowMs + backMs < (this.#closedBeforeMs[0] ?? -Infinity)) this.#closedBeforeMs = tiers.map(() => -Infinity);
    for (const [at, { name, stepMs }] of tiers.entries()) {
      const beforeMs = Math.floor((nowMs - this.#graceMs) / stepMs) * stepMs;
      if (beforeMs <= (this.#closedBeforeMs[at] ?? -Infinity)) continue;
      this.#closedBeforeMs[at] = beforeMs;
      const steps = this.#steps[at];
      if (steps === undefined) continue;
      const done = [...steps].filter(([startMs]) => startMs < beforeMs).sort(([a], [b]) => a - b);
      const points: Point[] = [];
      for (const [startMs, series] of done) {
        steps.delete(startMs);
        const ordered = [...series].sort(([a], [b]) => (a < b ? -1 : 1));
        for (const [, accumulated] of ordered) points.push(finish(accumulated, startMs));
      }
      if (points.length > 0) out.push({ tier: name, points });
    }
    return out;
  }

  save(): string {
    const saved: Saved = {
      closedBeforeMs: this.#closedBeforeMs.map((ms) => (Number.isFinite(ms) ? ms : null)),
      counters: [this.#late, this.#dropped],
      steps: this.#steps.map((steps) => [...steps].map(([startMs, series]) => [startMs, [...series]])),
    };
    return JSON.stringify(saved);
  }

  restore(saved: SavedPart): boolean {
    this.#steps = emptySteps();
    this.#closedBeforeMs = tiers.map(() => -Infinity);
    this.#late = this.#dropped = 0;
    if (saved.format !== this.format) return false;
    const state = JSON.parse(saved.text) as Saved;
    if (state.steps.length !== tiers.length) return false;
    this.#closedBeforeMs = state.closedBeforeMs.map((ms) => ms ?? -Infinity);
    [this.#late, this.#dropped] = state.counters;
    this.#steps = state.steps.map((steps) => new Map(steps.map(([startMs, series]) => [startMs, new Map(series)])));
    return true;
  }

  #addTo(tier: number, startMs: EpochMs, key: string, point: Point): boolean {
    const steps = this.#steps[tier];
    if (steps === undefined) return true;
    let series = steps.get(startMs);
    if (series === undefined) {
      // A clock gone mad must not open steps without end.
      if (steps.size >= mostOpenSteps) return false;
      steps.set(startMs, (series = new Map<string, Accumulated>()));
    }
    let accumulated = series.get(key);
    if (accumulated === undefined) {
      if (series.size >= this.#maxSeries) return false;
      accumulated = { measurement: point.measurement, tags: point.tags, fields: {} };
      series.set(key, accumulated);
    }
    accumulate(accumulated, point);
    return true;
  }
}

type Series = Map<string, Accumulated>;
interface Saved {
  readonly closedBeforeMs: readonly (EpochMs | null)[];
  readonly counters: [number, number];
  readonly steps: [EpochMs, [string, Accumulated][]][][];
}

const emptySteps = (): Map<EpochMs, Series>[] => tiers.map(() => new Map<EpochMs, Series>());
const mostOpenSteps = 1_000;
const backMs = 60_000;

/** Tag values in the measurement's own order, so that the order in which they were written does not matter. */
function seriesKey({ measurement, tags }: Point): string {
  let key: string = measurement;
  for (const tag of measurements[measurement].tags) key += `\u0000${tags[tag] ?? ""}`;
  return key;
}
