import type { Cause } from "@mailtide/shared";
import type { Collector } from "../../src/collect/collector.ts";
import { Dependencies } from "../../src/core/dependency/dependencies.ts";
import { detect } from "../../src/core/detect/index.ts";
import type { ProbeObservation } from "../../src/core/observation.ts";
import { ruleInput } from "../sections.ts";

/** Asks a probe, which keeps its own deadline, and gives what its one observation says. */
export async function asked(probe: Collector): Promise<ProbeObservation> {
  if (probe.kind !== "poll") throw new Error("no probe");
  const { observations } = await probe.poll(AbortSignal.timeout(120_000));
  const [observation] = observations;
  if (observation?.kind !== "probe") throw new Error("no probe result");
  return observation;
}

/** What the rules make of it: the causes of all that is bad. */
export function causesOf(observation: ProbeObservation): readonly Cause[] {
  const dependencies = new Dependencies();
  dependencies.apply(observation);
  const input = ruleInput({ dependencies: dependencies.section(observation.atMs) }, observation.atMs);
  return detect(input, {})
    .signals.filter(({ level }) => level === "bad")
    .map(({ cause }) => cause);
}
