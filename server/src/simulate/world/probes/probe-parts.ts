import type { EpochMs, Seconds } from "@mailtide/shared";
import type { DependencyCondition, Usage } from "../../engine/world.ts";
import type { Random } from "../../random.ts";
import type { Scenario } from "../../scenario/schema.ts";
import type { EventOf } from "../timeline.ts";

export type Dependency = Scenario["dependencies"][number];

/** What a probe finds when it looks. */
export interface ProbeLook {
  readonly dependency: Dependency;
  readonly nowMs: EpochMs;
  readonly condition: DependencyCondition;
  /** The event behind the condition; undefined: nothing is wrong. */
  readonly event: EventOf<"dependency"> | undefined;
  readonly usage: Usage;
  readonly random: Random;
}

export type Found = { readonly latencySeconds: Seconds; readonly details?: object } & (
  | { readonly ok: true }
  | { readonly ok: false; readonly error: string }
);

/** A probe stops waiting here. */
const deadlineSeconds: Seconds = 5;
/** Even what hangs answers now and then. */
export const luckyShare = 0.03;

export const noAnswer = (): Found => ({
  ok: false,
  latencySeconds: deadlineSeconds,
  error: `no answer within ${deadlineSeconds} s`,
});

/** An answer that took so long, or none if that is too long. */
export const answered = (latencySeconds: Seconds, details?: object): Found =>
  latencySeconds >= deadlineSeconds
    ? noAnswer()
    : { ok: true, latencySeconds, ...(details === undefined ? {} : { details }) };
