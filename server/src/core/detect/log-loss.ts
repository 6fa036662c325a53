import { sentence } from "../text/sentence.ts";
import { action, levelOf, signal } from "./build.ts";
import { defineRule } from "./rule.ts";

const id = "log-loss";
const defaults = { forSeconds: 60, badShare: 0.02, clearShare: 0.01 };

/** The logger drops lines: every number may read low. */
export const logLoss = defineRule({
  id,
  defaults,
  emptyMemory: null,
  evaluate(input, memory, options) {
    const { lostShare, lostLines } = input.sections.freshness;
    return {
      memory,
      signals: [
        lossSignal(lostShare, lostLines, {
          level: levelOf(lostShare, options.badShare, options.clearShare),
          forSeconds: options.forSeconds,
        }),
      ],
    };
  },
  sample: () => [lossSignal(0.062, 18_400, { level: "bad" })],
});

const lossSignal = (
  share: number,
  lost: number,
  more: Pick<ReturnType<typeof signal>, "level"> & { forSeconds?: number },
) =>
  signal(
    id,
    null,
    {
      cause: "log-loss",
      severity: "ticket",
      ...more,
    },
    () => ({
      title: sentence("freshness.log-loss"),
      evidence: [sentence("freshness.lost-share", { share, lines: lost }), sentence("freshness.lost-means")],
      actions: [action(sentence("action.log-rate"))],
    }),
  );
