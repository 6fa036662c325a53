import { setTimeout as sleep } from "node:timers/promises";
import type { Collector } from "../collect/collector.ts";
import type { CountsObservation, Observation } from "../core/observation.ts";

export interface Tried {
  readonly verdict: "ok" | "missing" | "FAILS";
  readonly says: string;
}

/** Lets a collector look once. */
export async function tryCollector(collector: Collector): Promise<Tried> {
  const heard: { readonly problem: string | null }[] = [];
  let seen: Tried = { verdict: "ok", says: "answers" };
  const whole = collector.kind === "poll" ? collector.tryOnce : undefined;
  const deadlineSeconds = whole?.withinSeconds ?? (collector.kind === "poll" ? collector.deadlineSeconds : 5);
  const deadlineMs = deadlineSeconds * 1000 + 500;
  try {
    await collector.start({
      position: undefined,
      now: () => Date.now(),
      sink: async (batch) => {
        batch.committed?.();
        if (seen.verdict === "ok") seen = judged(batch.observations);
      },
      health: (_state, problem) => void heard.push({ problem }),
      knownIds: () => ({ has: () => true, acceptedBefore: () => [] }),
      point: () => undefined,
    });
    if (collector.kind === "poll") {
      const signal = AbortSignal.timeout(deadlineMs);
      const { observations } = await (whole === undefined ? collector.poll(signal) : whole.run(signal));
      const tried = judged(observations);
      const { says } = collector;
      return tried.verdict === "ok" && says != null ? { ...tried, says: `${tried.says}; ${says}` } : tried;
    }
    for (const end = Date.now() + deadlineMs; heard.length === 0 && Date.now() < end;) await sleep(50);
    const [first] = heard;
    if (first === undefined) return { verdict: "FAILS", says: "gave no sign of life" };
    return first.problem === null ? seen : { verdict: "FAILS", says: first.problem };
  } catch (error) {
    return { verdict: "FAILS", says: error instanceof Error ? error.message : String(error) };
  } finally {
    await collector.stop();
  }
}

function judged(observations: readonly Observation[]): Tried {
  for (const observation of observations) {
    if (observation.kind === "counts") return { verdict: "ok", says: counted(observation) };
    if (observation.kind !== "probe") continue;
    const { ok, error, details, type, latencySeconds } = observation;
    if (!ok) return { verdict: "FAILS", says: error ?? "did not answer" };
    if (details?.concern !== undefined) return { verdict: "missing", says: `answers, but ${details.concern}` };
    if (details?.blind !== undefined)
      return { verdict: "missing", says: `answers, but sees less than it could: ${details.blind}` };
    if (type === "roundtrip") return { verdict: "ok", says: `a mail was back after ${latencySeconds.toFixed(1)} s` };
  }
  return { verdict: "ok", says: "answers" };
}

/** What was found at the first look; how fast counters rise, only a second one tells. */
function counted({ queues }: CountsObservation): string {
  const found = Object.entries(queues)
    .slice(0, 8)
    .map(([name, { count, oldestAgeSeconds: age, ageIsAtLeast }]) => {
      const old = age === null ? "" : `, the oldest ${ageIsAtLeast === true ? "at least " : ""}${Math.round(age)} s`;
      return `${count} in ${name}${old}`;
    });
  return found.length === 0 ? "answers, and has no queues now" : `answers: ${found.join("; ")}`;
}
