import type { Signal } from "../alert/signal.ts";
import { isBlind, silenceOf } from "../freshness/silence.ts";
import { sentence } from "../text/sentence.ts";
import { lines, signal } from "./build.ts";
import { flushDestination, hostActions, sampleActions } from "./host-actions.ts";
import { defineRule, type RuleInput } from "./rule.ts";

const id = "stuck-messages";
const defaults = {
  forSeconds: 300,
  minCount: 3,
  /** A single message is worth a ticket from this age on. */
  oldSeconds: 4 * 3600,
};

/** A few messages far behind all others: never the headline, but somebody's mail. */
export const stuckMessages = defineRule({
  id,
  defaults,
  emptyMemory: null,
  evaluate(input, memory, options) {
    const { count, oldest, where } = seen(input);
    const bad = count >= options.minCount || (count > 0 && oldest >= options.oldSeconds);
    const [first] = where;
    const isOneNode = first !== undefined && where.every(({ node }) => node === first.node);
    return {
      memory,
      signals: [
        signal(
          id,
          null,
          {
            level: isBlind(input.sections.freshness) ? "unknown" : bad ? "bad" : count === 0 ? "clear" : "between",
            cause: "stuck-messages",
            severity: "ticket",
            node: isOneNode ? first.node : null,
            forSeconds: options.forSeconds,
            startedAtMs: count > 0 ? input.nowMs - oldest * 1000 : null,
          },
          () => ({
            title: sentence("delay.stuck", { count }),
            evidence: lines(
              sentence("delay.stuck-oldest", { count, oldest }),
              ...where.slice(0, 2).map((place) =>
                sentence("delay.stuck-where", {
                  count: place.count,
                  destination: place.destination,
                  node: place.node,
                  oldest: place.oldestSeconds,
                }),
              ),
            ),
            actions: actions(input, where),
          }),
        ),
      ],
    };
  },
  sample: (atMs) => [
    signal(
      id,
      null,
      {
        level: "bad",
        cause: "stuck-messages",
        severity: "ticket",
        startedAtMs: atMs - 34_800_000,
      },
      () => ({
        title: sentence("delay.stuck", { count: 12 }),
        evidence: [
          sentence("delay.stuck-oldest", { count: 12, oldest: 34_800 }),
          sentence("delay.stuck-where", { count: 9, destination: "archive.example", node: "mx1", oldest: 34_800 }),
        ],
        actions: sampleActions(["show-queue"]),
      }),
    ),
  ],
});

/** Without hosts that say nothing: mail there may have left unseen. */
function seen({ sections: { delay, freshness } }: RuleInput) {
  const { count, oldestSeconds, where } = delay.stuck;
  const { unseen } = silenceOf(freshness);
  if (unseen.size === 0) return { count, oldest: oldestSeconds ?? 0, where };
  const known = where.filter(({ node }) => !unseen.has(node));
  return {
    count: known.reduce((sum, place) => sum + place.count, 0),
    oldest: known.reduce((most, place) => Math.max(most, place.oldestSeconds), 0),
    where: known,
  };
}

/** On the one host, or wherever they are; what waits longest for one place can be tried again by its name. */
function actions(input: RuleInput, where: RuleInput["sections"]["delay"]["stuck"]["where"]): Signal["actions"] {
  const [first] = where;
  const node = first !== undefined && where.every((place) => place.node === first.node) ? first.node : null;
  return [
    ...hostActions(input, node, ["show-queue"]),
    ...(first === undefined ? [] : flushDestination(input, first.node, first.destination)),
  ];
}
