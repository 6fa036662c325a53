import { setTimeout as sleep } from "node:timers/promises";
import { createCollectors, createNotifiers } from "../build.ts";
import { isAgentCollector } from "../collect/agent/index.ts";
import type { Collector } from "../collect/collector.ts";
import { ConfigError, findConfig, readConfig } from "../config/read.ts";
import { openInfluxSeries } from "../store/influx/open.ts";

/** Validates the configuration and tries each collector, store and notifier; one line each, in words. */
export async function check({ config: flag }: { readonly config?: string }): Promise<number> {
  const path = findConfig(flag, process.env, process.cwd());
  if (path === null)
    throw new ConfigError(["no configuration: give --config, or write mailtide.yaml (see mailtide.example.yaml)"]);
  const config = readConfig(path);
  say("ok", path, "valid");

  let failures = 0;
  for (const collector of createCollectors(config)) {
    if (isAgentCollector(collector)) {
      say("note", collector.id, "its agent speaks to the running server only; the screen says when it last did");
      continue;
    }
    const problem = await tryCollector(collector);
    if (problem === null) say("ok", collector.id, "answers");
    else {
      say("FAILS", collector.id, problem);
      failures += 1;
    }
  }
  const { series } = config.store;
  if (series.type === "influx") {
    const store = await openInfluxSeries({ ...series, retention: config.store.retention, timeoutMs: 5_000 });
    const problem = await store.ping().then(() => null, messageOf);
    await store.close();
    if (problem === null) say("ok", "series store", `InfluxDB at ${series.url} answers`);
    else {
      say("FAILS", "series store", `${problem}; points would wait in the spool`);
      failures += 1;
    }
  } else say("ok", "series store", "embedded");
  for (const { id, channels } of createNotifiers(config))
    say("ok", id, `configured for ${channels.join(" and ")}; nothing was sent`);
  if (config.notify.length === 0) say("note", "notify", "nobody is paged: no notifier is configured");
  return failures === 0 ? 0 : 1;
}

/** Lets a collector look once; null when it could. */
async function tryCollector(collector: Collector): Promise<string | null> {
  const heard: { readonly problem: string | null }[] = [];
  let failed: string | null = null;
  const deadlineMs = (collector.kind === "poll" ? collector.deadlineSeconds : 5) * 1000 + 500;
  try {
    await collector.start({
      position: undefined,
      now: () => Date.now(),
      sink: async (batch) => {
        failed ??= probeProblem(batch.observations);
      },
      health: (_state, problem) => void heard.push({ problem }),
      knownIds: () => ({ has: () => true, acceptedBefore: () => [] }),
      point: () => undefined,
    });
    if (collector.kind === "poll") {
      const { observations } = await collector.poll(AbortSignal.timeout(deadlineMs));
      return probeProblem(observations);
    }
    for (const end = Date.now() + deadlineMs; heard.length === 0 && Date.now() < end;) await sleep(50);
    const [first] = heard;
    return first === undefined ? "gave no sign of life" : (first.problem ?? failed);
  } catch (error) {
    return messageOf(error);
  } finally {
    await collector.stop();
  }
}

function probeProblem(observations: readonly { readonly kind: string }[]): string | null {
  for (const observation of observations) {
    if (observation.kind !== "probe") continue;
    const { ok, error, details } = observation as { ok?: boolean; error?: string; details?: { blind?: string } };
    if (ok === false) return error ?? "did not answer";
    if (details?.blind !== undefined) return `answers, but sees less than it could: ${details.blind}`;
  }
  return null;
}

function say(verdict: string, what: string, words: string): void {
  console.log(`${verdict.padEnd(6)} ${what}: ${words}`);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
