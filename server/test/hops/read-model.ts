import { type EpochMs, nodeId, siteId } from "@mailtide/shared";
import { shippedBackoff } from "../../src/core/backoff.ts";
import type { DelayEvaluation } from "../../src/core/model/delay-api.ts";
import { DelayModel } from "../../src/core/model/delay-model.ts";
import type { LogObservation } from "../../src/core/observation.ts";
import { type Log, observationsOf } from "../index/indexed.ts";

/** What the delay model makes of the logs of several nodes, read one after the other, as of `untilMs`. */
export function readModel(logs: readonly Log[], untilMs: EpochMs): DelayEvaluation {
  return model(logs, logs.flatMap(observationsOf), untilMs);
}

/** The same, line by line in the order of their time, as live. */
export function readModelInTime(logs: readonly Log[], untilMs: EpochMs, ownHops?: readonly string[]): DelayEvaluation {
  const all = logs.flatMap(observationsOf).toSorted((a, b) => a.atMs - b.atMs);
  return model(logs, all, untilMs, ownHops);
}

function model(
  logs: readonly Log[],
  observations: readonly LogObservation[],
  untilMs: EpochMs,
  ownHops?: readonly string[],
): DelayEvaluation {
  const delay = new DelayModel({
    site: { id: siteId("main"), targetSeconds: 300 },
    nodes: logs.map(({ node, mta }) => ({
      id: nodeId(node),
      ownDomains: ["own.example", "own.test"],
      ...(ownHops === undefined ? {} : { ownHops }),
      backoff: mta === "exim" ? shippedBackoff.exim : shippedBackoff.postfix,
    })),
  });
  for (const observation of observations) delay.apply(observation);
  return delay.evaluate(untilMs);
}
