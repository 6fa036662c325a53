import type { CollectorContext, QueueEntry } from "../collector.ts";
import type { NodeId } from "@mailtide/shared";
import { mtasOfTwoQueues } from "../../core/arrival.ts";
import type { QueueObservation } from "../../core/observation.ts";
import { QueueComparison } from "../queue/comparison.ts";
import { createSlicer } from "../../loop/slice.ts";
import { mostListed, mostWanted } from "./wire.ts";

const mostCollectors = 16;

/**
 * Compares an agent's listings with the model, which is here. The agent sends the ids of all entries; what the model does
 * not know is asked for, and stands in full in the next listing.
 */
export class Listings {
  readonly #node: NodeId;
  readonly #context: CollectorContext;
  readonly #comparisons = new Map<string, QueueComparison>();

  constructor(node: NodeId, context: CollectorContext) {
    this.#node = node;
    this.#context = context;
  }

  /** `observation` by the agent's own clock, as the model's instants are. `wanted`: ids to ask for. */
  async compare(
    collector: string,
    observation: QueueObservation,
    listed: string | undefined,
  ): Promise<Pick<QueueObservation, "unknown" | "unknownDropped" | "vanished"> & { readonly wanted: string[] }> {
    const comparison = this.#comparisonOf(collector);
    if (listed === undefined || comparison === null)
      return { unknown: [], unknownDropped: 0, vanished: [], wanted: [] };
    const known = () => this.#context.knownIds(this.#node);
    const slice = createSlicer();
    const full = new Map(observation.unknown.map((entry) => [entry.queueId, entry]));
    const open = await comparison.begin(observation.atMs, known(), {
      syslogName: observation.instance,
      isOneOfTwo: mtasOfTwoQueues.has(observation.snapshot.mta),
    });
    let count = 0;
    for (const entry of entriesOf(listed, observation.atMs)) {
      if (++count > mostListed) break;
      open.add(full.get(entry.queueId) ?? entry, known());
      const pause = slice();
      if (pause !== undefined) await pause;
    }
    const { unknown, unknownDropped, vanished } = await open.finish(known);
    return {
      unknown: unknown.filter(({ queueId }) => full.has(queueId)),
      unknownDropped,
      vanished,
      wanted: unknown.flatMap(({ queueId }) => (full.has(queueId) ? [] : [queueId])).slice(0, mostWanted),
    };
  }

  #comparisonOf(collector: string): QueueComparison | null {
    const known = this.#comparisons.get(collector);
    if (known !== undefined) return known;
    if (this.#comparisons.size >= mostCollectors) return null;
    const comparison = new QueueComparison();
    this.#comparisons.set(collector, comparison);
    return comparison;
  }
}

/** `id ageSeconds id ageSeconds …`; what does not read so is left out. */
function* entriesOf(listed: string, atMs: number): Generator<QueueEntry> {
  for (const [, queueId = "", age = ""] of listed.matchAll(/(\S{1,255}) (\d{1,10})(?: |$)/gy)) {
    const arrivalMs = atMs - Number(age) * 1000;
    yield { queueId, queue: "", arrivalMs, sizeBytes: null, sender: "", recipients: [] };
  }
}
