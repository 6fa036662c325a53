import { collectorId, type CollectorId, type EpochMs, type NodeId, type Seconds } from "@mailtide/shared";
import type { CountsObservation } from "../../core/observation.ts";
import type { CollectorContext, PushCollector } from "../collector.ts";
import type { MappingRow } from "../counts/row.ts";
import { Rate } from "../counts/rates.ts";
import { ReadingBuilder } from "../counts/reading.ts";
import { inSlices } from "../../loop/slice.ts";
import { type Point, precisions, readPoints } from "./line-protocol.ts";

/** A node that takes points. */
export interface Taker {
  readonly id: CollectorId;
  readonly node: NodeId;
  /** Lower case; null: whatever comes with a token of the node. */
  readonly hosts: ReadonlySet<string> | null;
  readonly rows: readonly MappingRow[];
  readonly limitSeconds: Seconds;
  readonly context: () => CollectorContext | null;
}
export interface Written {
  /** Null: everything well formed was taken or is not for us. */
  readonly error: string | null;
  readonly kind: "ok" | "invalid" | "partial" | "unavailable";
}

const hostTag = "host";
/** What is older says nothing of now: a buffer that was sent after an outage. */
const mostTimes = 20;
const futureMs = 60_000;
const commitMs = 4_000;
const tellForMs = 600_000;
const sayAgainMs = 5_000;

/**
 * Takes points for all nodes. Which node a point is of stands in the configuration and in the token, never in the point
 * alone: a host that nobody configured is counted and dropped, and makes no node.
 */
export class WriteHub {
  readonly #takers: Taker[] = [];
  readonly #rates = new Map<CollectorId, { readonly arrived: Rate; readonly left: Rate }>();
  /** When points of it were last taken, and when it was last told that its writer was refused. */
  readonly #heard = new Map<CollectorId, { takenMs: EpochMs; refusedMs: EpochMs }>();
  #strangers = 0;
  #lastStranger = "";
  #unmapped = 0;
  #toldMs = -Infinity;

  get isOpen(): boolean {
    return this.#takers.length > 0;
  }

  open(taker: Taker): void {
    this.#takers.push(taker);
    this.#rates.set(taker.id, { arrived: new Rate(), left: new Rate() });
  }

  /** Resolves when what was taken is durable. `node`: the token's; one without speaks for every host that is configured. */
  async write(node: NodeId | undefined, text: string, precision: string, nowMs: EpochMs): Promise<Written> {
    const unitMs = precisions[precision];
    if (unitMs === undefined) return { kind: "invalid", error: `invalid precision "${precision.slice(0, 20)}"` };
    const { points, garbled, firstError, dropped } = await inSlices(readPoints(text, unitMs));
    const byTaker = await inSlices(this.#byTaker(points, node, nowMs));
    for (const [taker, its] of byTaker)
      if (!(await this.#sink(taker, its, nowMs))) return { kind: "unavailable", error: "timeout" };
    if (firstError === null && dropped === 0) return { kind: "ok", error: null };
    const why = firstError ?? "too many points";
    return {
      kind: points.length > 0 ? "partial" : "invalid",
      error: points.length > 0 ? `partial write: ${why} dropped=${garbled + dropped}` : why,
    };
  }

  /**
   * Somebody comes with a token that once was good. Those that it wrote for are told what keeps their points away, unless
   * others write them: then nothing is missing. What was refused is not read, so which host it is of is not known.
   */
  turnedAway(node: NodeId | null, why: string, from: string): void {
    for (const taker of this.#takers) {
      const context = taker.context();
      if (context === null || (node === null ? taker.hosts === null : taker.node !== node)) continue;
      const nowMs = context.now();
      const heard = this.#heardOf(taker, nowMs);
      if (nowMs - heard.takenMs <= taker.limitSeconds * 1000 || nowMs - heard.refusedMs < sayAgainMs) continue;
      heard.refusedMs = nowMs;
      context.health("failing", `who writes its points, at ${from}, was refused: ${why}; give it a token that is good`);
    }
  }

  #heardOf({ id }: Taker, nowMs: EpochMs): { takenMs: EpochMs; refusedMs: EpochMs } {
    const known = this.#heard.get(id) ?? { takenMs: nowMs, refusedMs: -Infinity };
    this.#heard.set(id, known);
    return known;
  }

  /** Says how many points were dropped, and from whom. */
  collector(): PushCollector & Pick<WriteHub, "write" | "turnedAway"> {
    let saying: NodeJS.Timeout | undefined;
    return {
      kind: "push",
      id: collectorId("influx-write"),
      node: null,
      required: false,
      limitSeconds: 10,
      write: (...given) => this.write(...given),
      turnedAway: (...given) => this.turnedAway(...given),
      start: (context) => {
        saying = setInterval(() => this.#say(context), 1_000);
        this.#say(context);
        return Promise.resolve();
      },
      stop: () => {
        clearInterval(saying);
        return Promise.resolve();
      },
    };
  }

  #say(context: CollectorContext): void {
    const isTold = this.#strangers > 0 && context.now() - this.#toldMs < tellForMs;
    const one = this.#strangers === 1;
    const unmapped = this.#unmapped === 0 ? "" : `; ${this.#unmapped} of measurements that no mapping names`;
    const said = `${this.#strangers} ${one ? "point" : "points"} dropped that ${one ? "is" : "are"} of no node, the last of ${this.#lastStranger}: name it below host of an influx-write${unmapped}`;
    context.health(isTold ? "failing" : "ok", isTold ? said : null);
  }

  *#byTaker(
    points: readonly Point[],
    node: NodeId | undefined,
    nowMs: EpochMs,
  ): Generator<void, Map<Taker, Point[]>, void> {
    const byTaker = new Map<Taker, Point[]>();
    for (const point of points) {
      yield;
      const taker = this.#takerOf(point, node, nowMs);
      const its = taker === null ? undefined : byTaker.get(taker);
      if (its !== undefined) its.push(point);
      else if (taker !== null) byTaker.set(taker, [point]);
    }
    return byTaker;
  }

  #takerOf(point: Point, node: NodeId | undefined, nowMs: EpochMs): Taker | null {
    const host = point.tags.get(hostTag);
    const taker = this.#takers.find((each) => {
      if (node !== undefined && each.node !== node) return false;
      return each.hosts === null ? node !== undefined : host !== undefined && each.hosts.has(host.toLowerCase());
    });
    if (taker !== undefined) return taker;
    this.#strangers += 1;
    this.#toldMs = nowMs;
    const named = (host ?? "a point without the tag host").slice(0, 100).replace(/[^\x20-\x7e]/g, "?");
    // The host may well be configured: as another node's than the token's.
    this.#lastStranger = node === undefined ? named : `${named} with a token that speaks for the node ${node} alone`;
    return null;
  }

  /** False when it is not durable in time, or nobody collects yet. */
  async #sink(taker: Taker, points: readonly Point[], nowMs: EpochMs): Promise<boolean> {
    const context = taker.context();
    if (context === null) return false;
    const observations = await inSlices(this.#countsOf(taker, points, nowMs));
    if (observations.length === 0) return true;
    const durable = await new Promise<boolean>((resolve, reject) => {
      const timer = setTimeout(() => resolve(false), commitMs);
      const committed = (): void => {
        clearTimeout(timer);
        resolve(true);
      };
      context.sink({ observations, committed }).catch(reject);
    });
    if (durable) {
      context.health("ok", null);
      this.#heardOf(taker, nowMs).takenMs = nowMs;
    }
    return durable;
  }

  *#countsOf(
    taker: Taker,
    points: readonly Point[],
    nowMs: EpochMs,
  ): Generator<void, readonly CountsObservation[], void> {
    const { id, node, rows, limitSeconds } = taker;
    const empty = new ReadingBuilder(rows);
    const atMsOf = ({ atMs }: Point): EpochMs => Math.min(atMs ?? nowMs, nowMs + futureMs);
    const wanted: Point[] = [];
    for (const point of points) {
      yield;
      if ([...point.fields.keys()].some((field) => empty.wants(nameOf(point, field)))) wanted.push(point);
      else this.#unmapped += 1;
    }
    const newest = [...new Set(wanted.map(atMsOf))].sort((a, b) => a - b).slice(-mostTimes);
    const times = new Map(newest.map((atMs) => [atMs, new ReadingBuilder(rows)]));
    for (const point of wanted) {
      yield;
      const builder = times.get(atMsOf(point));
      for (const [field, value] of builder === undefined ? [] : point.fields)
        builder?.add({ name: nameOf(point, field), labels: point.tags, value });
    }
    const rates = this.#rates.get(id);
    return [...times]
      .filter(([atMs]) => nowMs - atMs < limitSeconds * 1_000)
      .map(([atMs, builder]): CountsObservation => {
        const { queues, arrived, left } = builder.finish();
        const [arrivedPerSecond, leftPerSecond] = [rates?.arrived.next(arrived, atMs), rates?.left.next(left, atMs)];
        return {
          kind: "counts",
          node,
          atMs: Math.min(atMs, nowMs),
          by: id,
          queues,
          // One look at the queues may come in several points, and those in several bodies.
          whole: false,
          validSeconds: limitSeconds,
          ...(arrivedPerSecond === undefined ? {} : { arrivedPerSecond }),
          ...(leftPerSecond === undefined ? {} : { leftPerSecond }),
        };
      });
  }
}

/** As Telegraf's own exporter names it, so that one mapping serves both ways. */
const nameOf = ({ measurement }: Point, field: string): string => `${measurement}_${field}`;
