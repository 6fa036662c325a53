import type { CollectorFreshness, CollectorId, EpochMs, Freshness, NodeId, Seconds } from "@mailtide/shared";
import type { HealthObservation, Observation } from "../observation.ts";
import type { Part, SavedPart } from "../part.ts";

export interface ExpectedCollector {
  readonly id: CollectorId;
  readonly node: NodeId | null;
  readonly required: boolean;
  readonly limitSeconds: Seconds;
}

/**
 * How old each collector's data is. A collector is never fresh before its first data: it is `starting`, and `stale`
 * once it has been starting for longer than its limit. A failing one is fresh again with its first good look.
 * After a clock was set back nothing is newer than now: what falls silent then is found so as soon as ever.
 */
export class FreshnessBook implements Part {
  readonly name = "freshness";
  readonly format = 1;
  #collectors = new Map<CollectorId, Known>();
  /** By id; null when one came or went. */
  #ordered: readonly Known[] | null = null;
  #refused = 0;

  /** Observations of collectors over the bound. */
  get refused(): number {
    return this.#refused;
  }

  /** The configuration's collectors, at start and after a reload: others are forgotten, known ones keep their age. */
  expect(collectors: readonly ExpectedCollector[], nowMs: EpochMs): void {
    const before = this.#collectors;
    this.#ordered = null;
    this.#collectors = new Map(
      collectors.map((collector) => {
        const known = before.get(collector.id);
        return [
          collector.id,
          {
            ...pick(collector),
            sinceMs: nowMs,
            lastDataMs: known?.lastDataMs ?? null,
            problem: known?.problem ?? null,
            says: known?.says,
          },
        ];
      }),
    );
  }

  apply(observation: Observation): void {
    if (observation.kind !== "health") return;
    const known = this.#collectors.get(observation.collector) ?? this.#open(observation);
    if (known === null) return;
    known.node = observation.node;
    known.required = observation.required;
    known.limitSeconds = observation.limitSeconds;
    known.twinsSinceMs = observation.twinsSinceMs;
    known.twinsFrom = observation.twinsFrom;
    known.says = observation.says;
    if (observation.state === "ok") {
      known.lastDataMs = Math.max(known.lastDataMs ?? -Infinity, observation.atMs);
      known.problem = null;
    } else known.problem = observation.problem ?? "does not say why";
  }

  /** Ordered by id. `slowest` is the required collector with the oldest data; one without any data is the oldest. */
  section(nowMs: EpochMs): Pick<Freshness, "collectors" | "slowest"> {
    this.#ordered ??= [...this.#collectors.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
    const collectors = this.#ordered.map((known) => {
      known.sinceMs = Math.min(known.sinceMs, nowMs);
      if (known.lastDataMs !== null) known.lastDataMs = Math.min(known.lastDataMs, nowMs);
      return freshnessOf(known, nowMs);
    });
    let slowest: CollectorFreshness | null = null;
    for (const collector of collectors) {
      if (!collector.required) continue;
      if (slowest === null || (collector.lastDataMs ?? -Infinity) < (slowest.lastDataMs ?? -Infinity))
        slowest = collector;
    }
    return { collectors, slowest };
  }

  save(): string {
    return JSON.stringify({ collectors: [...this.#collectors.values()], refused: this.#refused });
  }

  restore(saved: SavedPart): boolean {
    this.#collectors = new Map();
    this.#ordered = null;
    this.#refused = 0;
    if (saved.format !== this.format) return false;
    const state = JSON.parse(saved.text) as { collectors: Known[]; refused: number };
    for (const known of state.collectors) this.#collectors.set(known.id, known);
    this.#refused = state.refused;
    return true;
  }

  #open(observation: HealthObservation): Known | null {
    if (this.#collectors.size >= mostCollectors) {
      this.#refused += 1;
      return null;
    }
    const known: Known = {
      id: observation.collector,
      node: observation.node,
      required: observation.required,
      limitSeconds: observation.limitSeconds,
      sinceMs: observation.atMs,
      lastDataMs: null,
      problem: null,
    };
    this.#collectors.set(known.id, known);
    this.#ordered = null;
    return known;
  }
}

interface Known {
  readonly id: CollectorId;
  node: NodeId | null;
  required: boolean;
  limitSeconds: Seconds;
  sinceMs: EpochMs;
  lastDataMs: EpochMs | null;
  /** Set while the collector's last word is that it cannot look. */
  problem: string | null;
  says?: string | undefined;
  twinsSinceMs?: EpochMs | undefined;
  twinsFrom?: readonly string[] | undefined;
}

const pick = ({ id, node, required, limitSeconds }: ExpectedCollector): ExpectedCollector => ({
  id,
  node,
  required,
  limitSeconds,
});

function freshnessOf(known: Known, nowMs: EpochMs): CollectorFreshness {
  const { id, node, required, lastDataMs, sinceMs, limitSeconds, twinsSinceMs, twinsFrom, says } = known;
  const tooOld = nowMs - (lastDataMs ?? sinceMs) > limitSeconds * 1000;
  const state = known.problem !== null ? "failing" : tooOld ? "stale" : lastDataMs === null ? "starting" : "ok";
  const problem = known.problem ?? (state === "stale" ? `no data for more than ${limitSeconds} s` : null);
  const from = twinsFrom === undefined ? {} : { twinsFrom };
  const twins = twinsSinceMs === undefined ? {} : { twinsSinceMs, ...from };
  const how = says === undefined ? {} : { says };
  return { id, node, required, limitSeconds, lastDataMs, state, problem, ...how, ...twins };
}

const mostCollectors = 10_000;
