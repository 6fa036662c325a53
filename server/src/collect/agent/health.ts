import { collectorId, type CollectorId, type EpochMs, type NodeId } from "@mailtide/shared";
import type { HealthObservation } from "../../core/observation.ts";
import type { Clock } from "./instants.ts";
import { type Header, mostHealth } from "./wire.ts";

/**
 * What the collectors of an agent say of themselves, in the words of the core. Said again only when something changed or
 * after a third of the limit: hundreds of agents speak every second.
 */
export class AgentHealth {
  readonly #node: NodeId;
  readonly #said = new Map<CollectorId, { readonly atMs: EpochMs; readonly what: string }>();

  constructor(node: NodeId) {
    this.#node = node;
  }

  /** Data is as old as what is still on its way, however well the collector itself fares. */
  news({ health, behindSinceMs }: Pick<Header, "health" | "behindSinceMs">, clock: Clock): HealthObservation[] {
    return health.flatMap(({ collector, ...said }) => {
      const atMs = clock(Math.min(said.atMs, behindSinceMs ?? Infinity));
      // A probe is of no node, here as on the server.
      const node = collector.startsWith(`${this.#node}/`) ? this.#node : null;
      return this.passOn({ ...said, kind: "health", atMs, node, collector: this.idOf(collector) });
    });
  }

  /** The observation, or nothing when it says nothing new. */
  passOn(observation: HealthObservation): HealthObservation[] {
    const { collector, atMs, state, problem, says, limitSeconds, twinsSinceMs, twinsFrom, probes } = observation;
    const what = `${state} ${twinsSinceMs ?? ""} ${twinsFrom?.join(" ") ?? ""} ${probes?.join(" ") ?? ""} ${problem ?? ""} ${says ?? ""}`;
    const before = this.#said.get(collector);
    if (before === undefined && this.#said.size > mostHealth) return [];
    // Far before it, too: a clock was set back.
    if (before?.what === what && Math.abs(atMs - before.atMs) < (limitSeconds * 1000) / 3) return [];
    this.#said.set(collector, { atMs, what });
    return [observation];
  }

  /** The next word of a collector is passed on, whatever it is. */
  forget(collector: CollectorId): void {
    this.#said.delete(collector);
  }

  /** Under the node's name, whatever the agent calls it. */
  idOf(collector: string): CollectorId {
    return collectorId(collector.startsWith(`${this.#node}/`) ? collector : `${this.#node}/${collector}`);
  }
}
