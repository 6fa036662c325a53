import type { DependencySection, Freshness, LiveState, QueueSection, StageSection } from "@mailtide/shared";
import type { Reckoning } from "./counted/section.ts";
import type { Sections } from "./detect/rule.ts";
import type { DelayEvaluation, DelayNow } from "./model/delay-api.ts";
import type { Inbound } from "./sources/inbound.ts";

/** As the screen shows them. */
export type WholeSections = Pick<LiveState, keyof Sections>;

/**
 * What a turn knows. Rules look every second, and on an ordinary one at little of it; the rest is found when somebody asks,
 * which must be before the next turn.
 */
export class TurnSections implements Sections {
  readonly freshness: Freshness;
  readonly delay: DelayNow;
  readonly dependencies: DependencySection;
  readonly inbound: Inbound;
  readonly #evaluation: DelayEvaluation;
  readonly #counted: Reckoning;
  #queues: QueueSection | null = null;
  readonly #findStages: () => StageSection;
  #stages: StageSection | null = null;

  constructor(
    {
      freshness,
      delay,
      dependencies,
      inbound,
      counted,
    }: Pick<TurnSections, "freshness" | "delay" | "dependencies" | "inbound"> & { readonly counted: Reckoning },
    evaluation: DelayEvaluation,
    findStages: () => StageSection,
  ) {
    this.freshness = freshness;
    this.delay = unlessBlind(delay, freshness);
    this.dependencies = dependencies;
    this.inbound = inbound;
    this.#evaluation = evaluation;
    this.#counted = counted;
    this.#findStages = findStages;
  }

  get queues(): QueueSection {
    return (this.#queues ??= this.#counted.queues(this.#evaluation));
  }

  get stages(): StageSection {
    return (this.#stages ??= this.#findStages());
  }

  /** As plain data. */
  whole(): WholeSections {
    const { freshness, delay, queues, stages, dependencies, inbound } = this;
    const { directions } = this.#evaluation.delay;
    return {
      freshness,
      delay: { ...delay, directions },
      queues,
      stages,
      dependencies,
      inbound: inbound.whole(),
    };
  }
}

/** Never green by default: while a node's required collector is silent, what is measured is a lower bound at best. */
function unlessBlind(delay: DelayNow, { collectors }: Freshness): DelayNow {
  const blind = collectors.some(({ required, node, state }) => required && node !== null && state !== "ok");
  return blind ? { ...delay, verdict: "unknown", atLeast: true } : delay;
}
