import type { DependencySection, Freshness, LiveState, QueueSection, StageSection } from "@mailtide/shared";
import type { Reckoning } from "./counted/section.ts";
import type { Sections } from "./detect/rule.ts";
import { isBlind, silenceOf } from "./freshness/silence.ts";
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
  /** For rules: what a few silent hosts of many may hide does not keep an alert of the others from ending. */
  readonly delay: DelayNow;
  readonly dependencies: DependencySection;
  readonly inbound: Inbound;
  readonly #evaluation: DelayEvaluation;
  readonly #counted: Reckoning;
  /** Some host is out of sight. */
  readonly #isPartial: boolean;
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
    this.#isPartial = silenceOf(freshness).unseen.size > 0;
    this.delay = this.#isPartial && isBlind(freshness) ? inDoubt(delay) : delay;
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
    const { freshness, queues, stages, dependencies, inbound } = this;
    const delay = this.#isPartial ? inDoubt(this.delay) : this.delay;
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

/**
 * Never green by default: while a host that the screen depends on is silent, what is measured is a lower bound at best. Mail that
 * is late by that is late.
 */
function inDoubt(delay: DelayNow): DelayNow {
  return { ...delay, verdict: delay.verdict === "late" ? "late" : "unknown", atLeast: true };
}
