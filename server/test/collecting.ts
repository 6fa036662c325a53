import type { DelayModel } from "../src/core/model/delay-model.ts";
import type { Observation } from "../src/core/observation.ts";
import type { CollectorContext } from "../src/collect/collector.ts";

/** What a collector is started with: all that it finds goes into the model at once, and nothing is remembered. */
export const collectingInto = (
  model: DelayModel,
  hear: (observation: Observation) => void = () => undefined,
): CollectorContext => ({
  position: undefined,
  now: () => Date.now(),
  sink: ({ observations }) => {
    for (const observation of observations) {
      model.apply(observation);
      hear(observation);
    }
    return Promise.resolve();
  },
  health: () => undefined,
  knownIds: (of) => model.knownIds(of),
  point: () => undefined,
});
