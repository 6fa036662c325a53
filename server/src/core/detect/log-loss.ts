import type { EpochMs, GapView } from "@mailtide/shared";
import type { Signal } from "../alert/signal.ts";
import { sentence } from "../text/sentence.ts";
import { action, levelOf, lines, signal } from "./build.ts";
import { defineRule } from "./rule.ts";

const id = "log-loss";
const defaults = { forSeconds: 60, badShare: 0.02, clearShare: 0.01 };
/** Evidence of an alert has room for as many, for what is beyond them, and for what it means. */
const mostNamed = 4;

/** The logger drops lines, or files of a log went before they were read: every number may read low. */
export const logLoss = defineRule({
  id,
  defaults,
  emptyMemory: null,
  evaluate(input, memory, options) {
    const { lostShare, lostLines, gaps = [] } = input.sections.freshness;
    const { forSeconds } = options;
    const level = levelOf(lostShare, options.badShare, options.clearShare);
    return {
      memory,
      signals: [lossSignal(lostShare, lostLines, { level, forSeconds }), gapSignal(gaps, forSeconds)],
    };
  },
  sample: (atMs) => [
    lossSignal(0.062, 18_400, { level: "bad" }),
    gapSignal([sampleGap(atMs - 7_200_000, atMs)], defaults.forSeconds),
  ],
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

/** Of lines that nobody can count. One for all hosts: a network that was cut is one thing. */
function gapSignal(gaps: readonly GapView[], forSeconds: number): Signal {
  const [first] = gaps;
  const level = first === undefined ? "clear" : "bad";
  const startedAtMs = first === undefined ? null : Math.min(...gaps.map(({ fromMs }) => fromMs));
  const node = first !== undefined && gaps.every((gap) => gap.node === first.node) ? first.node : null;
  const said = { level, cause: "log-loss", severity: "ticket", node, startedAtMs, forSeconds } as const;
  return signal(id, "gap", said, () => {
    const more = gaps.length - mostNamed;
    return {
      title: sentence("freshness.log-gap"),
      evidence: lines(
        // The newest: what was found before them has been told.
        ...gaps
          .slice(-mostNamed)
          .map(({ node: host, log, fromMs, toMs }) => sentence("freshness.gap-in", { node: host, log, fromMs, toMs })),
        more > 0 && sentence("freshness.gaps-more", { count: more }),
        sentence("freshness.lost-means"),
      ),
      actions: [action(sentence("action.log-kept"))],
    };
  });
}

const sampleGap = (fromMs: EpochMs, toMs: EpochMs): GapView => ({
  node: "mx1" as GapView["node"],
  log: "/var/log/mail.log",
  fromMs,
  toMs,
  foundMs: toMs,
});
