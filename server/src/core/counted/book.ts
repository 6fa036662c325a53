import type { EpochMs, NodeId, PerSecond, Seconds } from "@mailtide/shared";
import { cleanText } from "../text/clean.ts";
import type { CountedQueue, CountsObservation, Observation, QueueObservation, QueueSnapshot } from "../observation.ts";
import type { Part, SavedPart } from "../part.ts";

/** What one counter said of a node. */
export interface Counted {
  readonly by: string;
  atMs: EpochMs;
  /** A listing of the MTA's own, whose entries the model may have one by one. */
  readonly isListing: boolean;
  /** Whose waits they are, where a listing told it. */
  waiting: QueueSnapshot["waiting"] | null;
  readonly queues: Map<string, CountedQueue & { readonly atMs: EpochMs; readonly validSeconds: Seconds }>;
  rates: {
    readonly atMs: EpochMs;
    readonly validSeconds: Seconds;
    readonly arrived: PerSecond | null;
    readonly left: PerSecond | null;
  } | null;
}

const mostSources = 8;
const mostQueues = 64;
const longestName = 64;
/** Longer than the rest that a listing of a very large queue is given. */
const listingValidSeconds = 600;

/** The newest counts of each node by each who counts. Nodes that are not configured have none. */
export class CountedBook implements Part {
  readonly name = "counted";
  readonly format = 1;
  readonly #nodes: ReadonlySet<NodeId>;
  #sources = new Map<NodeId, Map<string, Counted>>();
  /** Queues and counters over the bounds. */
  #refused = 0;

  constructor(nodes: Iterable<NodeId>) {
    this.#nodes = new Set(nodes);
  }

  get refused(): number {
    return this.#refused;
  }

  get isEmpty(): boolean {
    return this.#sources.size === 0;
  }

  apply(observation: Observation): void {
    if (observation.kind === "counts") this.#count(observation);
    if (observation.kind === "queue") this.#list(observation);
  }

  /** Nodes in the order of their ids, counters within in that of their names; what is too old is forgotten. */
  *read(nowMs: EpochMs): Generator<readonly [NodeId, readonly Counted[]]> {
    for (const node of [...this.#sources.keys()].sort()) {
      const sources = this.#sources.get(node) ?? new Map<string, Counted>();
      for (const counted of sources.values()) {
        for (const [name, { atMs, validSeconds }] of counted.queues)
          if (nowMs - atMs > validSeconds * 1_000) counted.queues.delete(name);
        const { rates } = counted;
        if (rates !== null && nowMs - rates.atMs > rates.validSeconds * 1_000) counted.rates = null;
        if (counted.queues.size === 0 && counted.rates === null) sources.delete(counted.by);
      }
      if (sources.size === 0) this.#sources.delete(node);
      else yield [node, [...sources.values()].sort((a, b) => (a.by < b.by ? -1 : 1))];
    }
  }

  save(): string {
    const sources = [...this.#sources].map(([node, of]) => [
      node,
      [...of.values()].map((counted) => ({ ...counted, queues: [...counted.queues] })),
    ]);
    return JSON.stringify({ sources, refused: this.#refused });
  }

  restore({ format, text }: SavedPart): boolean {
    this.#sources = new Map();
    this.#refused = 0;
    if (format !== this.format) return false;
    const saved = JSON.parse(text) as {
      readonly sources: [NodeId, (Omit<Counted, "queues"> & { queues: [string, never][] })[]][];
      readonly refused: number;
    };
    for (const [node, all] of saved.sources)
      if (this.#nodes.has(node))
        this.#sources.set(node, new Map(all.map((one) => [one.by, { ...one, queues: new Map(one.queues) }])));
    this.#refused = saved.refused;
    return true;
  }

  #count({ node, by, atMs, queues, whole, validSeconds, arrivedPerSecond, leftPerSecond }: CountsObservation): void {
    const counted = this.#of(node, by, false);
    // What was counted before what is known already came late, and says nothing of now.
    if (counted === null || (whole && atMs < counted.atMs)) return;
    counted.atMs = Math.max(counted.atMs, atMs);
    if (whole) counted.queues.clear();
    for (const [name, queue] of Object.entries(queues)) this.#put(counted, name, { ...queue, atMs, validSeconds });
    if (arrivedPerSecond !== undefined || leftPerSecond !== undefined)
      counted.rates = { atMs, validSeconds, arrived: arrivedPerSecond ?? null, left: leftPerSecond ?? null };
  }

  #list({ node, atMs, snapshot, instance }: QueueObservation): void {
    const of = instance === undefined || instance === snapshot.mta ? "" : ` of ${cleanText(instance, longestName)}`;
    const counted = this.#of(node, `${snapshot.mta} listing${of}`, true);
    if (counted === null) return;
    counted.atMs = atMs;
    counted.waiting = snapshot.waiting;
    counted.queues.clear();
    for (const [name, { count, bytes, oldestAgeSeconds }] of Object.entries(snapshot.queues))
      this.#put(counted, name, { count, bytes, oldestAgeSeconds, atMs, validSeconds: listingValidSeconds });
  }

  #put(counted: Counted, given: string, queue: CountedQueue & { atMs: EpochMs; validSeconds: Seconds }): void {
    const name = cleanText(given, longestName);
    const known = counted.queues.get(name);
    if (known === undefined && counted.queues.size >= mostQueues) this.#refused += 1;
    else if (known === undefined || known.atMs <= queue.atMs) counted.queues.set(name, queue);
  }

  #of(node: NodeId, by: string, isListing: boolean): Counted | null {
    if (!this.#nodes.has(node)) return null;
    const sources = this.#sources.get(node) ?? new Map<string, Counted>();
    const known = sources.get(by);
    if (known !== undefined) return known;
    if (sources.size >= mostSources) {
      this.#refused += 1;
      return null;
    }
    const counted: Counted = { by, atMs: 0, isListing, waiting: null, queues: new Map(), rates: null };
    this.#sources.set(node, sources.set(by, counted));
    return counted;
  }
}
