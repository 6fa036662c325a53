import type { Sample } from "../counts/sample.ts";

const none: ReadonlyMap<string, string> = new Map();
const mostValues = 100_000;

/**
 * Metrics as JSON: KumoMTA's `/metrics.json`, `{NAME: {type, value}}` with a number or `{LABEL: {VALUE: number}}` as value,
 * and plain numbers under their names, as rspamd's `/stat` has them.
 */
export function readJsonMetrics(document: unknown, wants: (metric: string) => boolean): Sample[] {
  if (!isRecord(document)) throw new Error("the answer is no JSON object");
  return Object.entries(document).flatMap(([name, given]) => (wants(name) ? samplesOf(name, given) : []));
}

function samplesOf(name: string, given: unknown): Sample[] {
  const value = isRecord(given) && "value" in given ? given["value"] : given;
  if (typeof value === "number") return [{ name, labels: none, value }];
  if (!isRecord(value)) return [];
  const samples: Sample[] = [];
  for (const [label, of] of Object.entries(value))
    for (const [labelled, number] of isRecord(of) ? Object.entries(of) : [])
      if (typeof number === "number" && samples.length < mostValues)
        samples.push({ name, labels: new Map([[label, labelled]]), value: number });
  return samples;
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
