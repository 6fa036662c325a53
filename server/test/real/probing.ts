import type { Collector } from "../../src/collect/collector.ts";
import type { ProbeObservation } from "../../src/core/observation.ts";

/** Asks a probe as the schedule does, and gives what its one observation says. */
export async function asked(probe: Collector): Promise<ProbeObservation> {
  if (probe.kind !== "poll") throw new Error("no probe");
  const { observations } = await probe.poll(AbortSignal.timeout(probe.deadlineSeconds * 1000));
  const [observation] = observations;
  if (observation?.kind !== "probe") throw new Error("no probe result");
  return observation;
}
