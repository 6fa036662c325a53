import type { DelaySection, QueueSection } from "@mailtide/shared";
import type { Completeness, DelayEvaluation, DelayFacts, DelayNow } from "./delay-api.ts";

/** How to find what is seldom asked for. */
export interface OnDemand {
  directions(): DelaySection["directions"];
  queues(): QueueSection;
  facts(): DelayFacts;
}

/** Getters of a class, not of a literal: the engine reads an object with getters of its own like a dictionary. */
export class Evaluation implements DelayEvaluation {
  readonly now: DelayNow;
  readonly completeness: Completeness;
  readonly #find: OnDemand;
  #delay: DelaySection | null = null;
  #queues: QueueSection | null = null;

  constructor(now: DelayNow, completeness: Completeness, find: OnDemand) {
    this.now = now;
    this.completeness = completeness;
    this.#find = find;
  }

  get delay(): DelaySection {
    return (this.#delay ??= { ...this.now, directions: this.#find.directions() });
  }

  get queues(): QueueSection {
    return (this.#queues ??= this.#find.queues());
  }

  get facts(): DelayFacts {
    return this.#find.facts();
  }
}
