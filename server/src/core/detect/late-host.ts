import type { LateHost, NodeId } from "@mailtide/shared";
import type { Signal } from "../alert/signal.ts";
import { isBlind, silenceOf } from "../freshness/silence.ts";
import { sentence } from "../text/sentence.ts";
import { lines, signal } from "./build.ts";
import { backlogSteps, hostActions, sampleActions } from "./host-actions.ts";
import { defineRule, type RuleInput } from "./rule.ts";

const id = "late-host";
const defaults = {
  forSeconds: 60,
  minCount: 10,
  /** Where nothing leaves while mail is late there, it wakes somebody. */
  stillSeconds: 180,
  /** A wait this many times the target wakes somebody. */
  pageTimesTarget: 3,
};
type Options = typeof defaults;

/** Hosts that were spoken of last. */
interface Memory {
  readonly nodes: readonly NodeId[];
}
const emptyMemory: Memory = { nodes: [] };

/**
 * One host of several is late while the site as a whole is not: it has too small a share of the mail to be seen in the
 * headline. While the site is late nobody looks which host is, and what was said of one stands.
 */
export const lateHost = defineRule<Options, Memory>({
  id,
  defaults,
  emptyMemory,
  evaluate(input, memory, options) {
    const { delay, freshness } = input.sections;
    const { lateHosts } = delay;
    if (lateHosts === undefined || isBlind(freshness))
      return { memory, signals: memory.nodes.map((node) => unknownAt(node)) };
    if (lateHosts.length === 0) return { memory: emptyMemory, signals: [] };
    const { unseen } = silenceOf(freshness);
    const signals = lateHosts.map((host) =>
      // Mail there may have left unseen.
      unseen.has(host.node) ? unknownAt(host.node) : lateAt(host, input, options),
    );
    return { memory: { nodes: lateHosts.map(({ node }) => node) }, signals };
  },
  sample: (atMs) => [
    signal(id, "mx17", { level: "bad", cause: "no-departures", severity: "page", startedAtMs: atMs - 840_000 }, () => ({
      title: sentence("delay.host-late", { node: "mx17" }),
      evidence: [
        sentence("delay.host-late-by", { node: "mx17", count: 212, target: 300, oldest: 840 }),
        sentence("delay.host-still", { seconds: 840, sinceMs: atMs - 840_000 }),
        sentence("delay.host-rest", { share: 0.013 }),
      ],
      actions: sampleActions(backlogSteps),
    })),
  ],
});

function unknownAt(node: NodeId): Signal {
  const said = { level: "unknown", cause: "capacity", severity: "ticket", node } as const;
  return signal(id, node, said, () => ({ title: sentence("delay.host-late", { node }) }));
}

function lateAt(host: LateHost, input: RuleInput, options: Options): Signal {
  const { nowMs, targetSeconds, sections } = input;
  const { node, count, waitSeconds, oldestSeconds: oldest, lastDepartureMs, destination } = host;
  const stillSeconds = lastDepartureMs === null ? 0 : (nowMs - lastDepartureMs) / 1_000;
  const stands = stillSeconds >= options.stillSeconds;
  const { lateShare } = sections.delay;
  return signal(
    id,
    node,
    {
      level: count >= options.minCount ? "bad" : "between",
      cause: stands ? "no-departures" : "capacity",
      severity: stands || waitSeconds >= options.pageTimesTarget * targetSeconds ? "page" : "ticket",
      node,
      forSeconds: options.forSeconds,
      startedAtMs: nowMs - oldest * 1_000,
    },
    () => ({
      title: sentence("delay.host-late", { node }),
      evidence: lines(
        sentence("delay.host-late-by", { node, count, target: targetSeconds, oldest }),
        stands && lastDepartureMs !== null
          ? sentence("delay.host-still", { seconds: stillSeconds, sinceMs: lastDepartureMs })
          : sentence("delay.host-wait", { seconds: waitSeconds }),
        destination !== null && sentence("delay.host-to", { count: destination.count, destination: destination.name }),
        lateShare !== null && sentence("delay.host-rest", { share: lateShare }),
      ),
      actions: hostActions(input, node, backlogSteps),
    }),
  );
}
