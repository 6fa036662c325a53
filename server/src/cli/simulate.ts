import type { Seconds } from "@mailtide/shared";
import { readScenario } from "../simulate/scenario/read.ts";
import { simulate as simulateDay, type SimulateResult } from "../simulate/index.ts";
import { withProgress } from "./progress.ts";

export interface SimulateOptions {
  readonly out: string;
  readonly seed: number;
}

/** Lets a scenario happen and writes it as a capture, with the truth beside it. */
export async function simulate(path: string, { out, seed }: SimulateOptions, signal: AbortSignal): Promise<number> {
  const scenario = await readScenario(path);
  const startedMs = performance.now();
  const result = await withProgress(scenario.title, (progress) =>
    simulateDay({ scenario, out, seed, signal, onProgress: ({ share }) => progress.at(share) }),
  );
  for (const line of summary(result, (performance.now() - startedMs) / 1000, scenario.timezone)) console.log(line);
  console.log(`${out}, and the truth in ${out}.truth.jsonl`);
  return 0;
}

function summary(
  { lines, accepted, waiting, summary: { peak, recoveredAt } }: SimulateResult,
  tookSeconds: Seconds,
  zone: string,
): string[] {
  const clock = new Intl.DateTimeFormat("en-GB", { timeZone: zone, dateStyle: "medium", timeStyle: "short" });
  const when = (at: string) => clock.format(Date.parse(at));
  const texts = [
    `${number(lines)} log lines of ${number(accepted)} accepted mails in ${tookSeconds.toFixed(1)} s; ${number(waiting)} are still waiting`,
  ];
  if (peak === null || peak.headlineSeconds < lateSeconds) {
    texts.push("mail was never late");
    return texts;
  }
  texts.push(`mail was latest at ${when(peak.at)}: ${duration(peak.headlineSeconds)}`);
  texts.push(recoveredAt === null ? "it was still late at the end" : `on time again from ${when(recoveredAt)}`);
  return texts;
}

const number = (value: number) => value.toLocaleString("en-GB");

/** The product's target. */
const lateSeconds: Seconds = 300;

function duration(seconds: Seconds): string {
  const minutes = Math.round(seconds / 60);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, "0")} min`;
}
