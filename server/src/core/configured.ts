import type { CollectorId, DependencyId, NodeId } from "@mailtide/shared";
import type { HealthObservation, ProbeObservation } from "./observation.ts";

interface Told {
  readonly delay: { readonly nodes: readonly { readonly id: NodeId }[] };
  readonly dependencies: readonly { readonly id: DependencyId }[];
  readonly collectors: readonly { readonly id: CollectorId }[];
}

/**
 * What a site is configured to hear of: collectors and dependencies by their ids, and what agents of its nodes bring, by ids
 * that begin with the node's. What the journal of another configuration tells of others is over: nobody will say more of it.
 */
export class Configured {
  readonly #ids: ReadonlySet<string>;
  readonly #nodes: ReadonlySet<string>;

  constructor({ delay, dependencies, collectors }: Told) {
    this.#ids = new Set<string>([...dependencies, ...collectors].map(({ id }) => id));
    this.#nodes = new Set<string>(delay.nodes.map(({ id }) => id));
  }

  hears(observation: HealthObservation | ProbeObservation): boolean {
    return this.knows(observation.kind === "probe" ? observation.id : observation.collector);
  }

  knows(id: DependencyId | CollectorId): boolean {
    return this.#ids.has(id) || this.#nodes.has(id.slice(0, Math.max(0, id.indexOf("/"))));
  }
}
