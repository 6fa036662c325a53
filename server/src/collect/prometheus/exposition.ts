import type { Sample } from "../counts/sample.ts";

/** What is no line of the format; its message names the line. */
export class BadExposition extends Error {}

export interface ExpositionOptions {
  /** OpenMetrics ends with `# EOF`: without it, a part is missing. */
  readonly isOpenMetrics: boolean;
  /** What is not wanted is read past. */
  wants(metric: string): boolean;
}

const longestLine = 65_536;
const mostLabels = 64;
const mostSamples = 100_000;
const sampleName = /^[a-zA-Z_:][a-zA-Z0-9_:]*/;
/** A value, then a time stamp that is not believed (the scrape is now), then an exemplar of OpenMetrics. */
const rest = /^[ \t]+([^ \t#]+)(?:[ \t]+-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)?[ \t]*(?:#[ \t].*)?$/;
const labelStart = /[ \t]*(?:([a-zA-Z_][a-zA-Z0-9_]*)|"((?:[^"\\\n]|\\.)*)")[ \t]*=[ \t]*"/y;

/**
 * The text formats of Prometheus: 0.0.4 and OpenMetrics 1.0 (prometheus.io/docs/instrumenting/exposition_formats,
 * github.com/prometheus/OpenMetrics), a step a line: null for one that holds nothing wanted. Throws BadExposition for a wanted
 * line that is not well formed, and for more of them than anybody has queues.
 */
export function* readExposition(
  text: string,
  { isOpenMetrics, wants }: ExpositionOptions,
): Generator<Sample | null, void, void> {
  let [number, samples] = [0, 0];
  let ended = false;
  for (let from = 0; from < text.length;) {
    const end = text.indexOf("\n", from);
    const line = text.slice(from, end < 0 ? text.length : end).replace(/\r$/, "");
    from = end < 0 ? text.length : end + 1;
    number += 1;
    yield null;
    if (line === "# EOF") ended = true;
    if (line === "" || line.startsWith("#")) continue;
    const name = sampleName.exec(line)?.[0];
    if (name === undefined) throw new BadExposition(`line ${number} is no sample`);
    if (!wants(name)) continue;
    if (line.length > longestLine) throw new BadExposition(`line ${number} is longer than 64 KiB`);
    samples += 1;
    if (samples > mostSamples)
      throw new BadExposition(`more than ${mostSamples} samples are of metrics in the mapping`);
    yield readSample(line, name, number);
  }
  if (isOpenMetrics && !ended) throw new BadExposition("it breaks off: OpenMetrics ends with # EOF");
}

function readSample(line: string, name: string, number: number): Sample {
  const { labels, end } = readLabels(line, name.length, number);
  const said = rest.exec(line.slice(end))?.[1];
  const value = said === undefined ? undefined : numberOf(said);
  if (value === undefined) throw new BadExposition(`line ${number}: no number stands behind ${name}`);
  return { name, labels, value };
}

function readLabels(line: string, start: number, number: number): { labels: Map<string, string>; end: number } {
  const labels = new Map<string, string>();
  const open = /[ \t]*\{/y;
  open.lastIndex = start;
  if (!open.test(line)) return { labels, end: start };
  let at = open.lastIndex;
  for (;;) {
    while (line[at] === " " || line[at] === "\t" || line[at] === ",") at += 1;
    if (line[at] === "}") return { labels, end: at + 1 };
    labelStart.lastIndex = at;
    const label = labelStart.exec(line);
    if (label === null || labels.size >= mostLabels)
      throw new BadExposition(`line ${number}: its labels are not well formed`);
    const close = closingQuote(line, labelStart.lastIndex);
    if (close < 0) throw new BadExposition(`line ${number}: a label has no end`);
    const name = label[1] ?? label[2] ?? "";
    if (labels.has(name)) throw new BadExposition(`line ${number}: a label stands twice`);
    labels.set(name, unescaped(line.slice(labelStart.lastIndex, close)));
    at = close + 1;
  }
}

function closingQuote(line: string, from: number): number {
  for (let at = from; at < line.length; at += 1) {
    if (line[at] === "\\") at += 1;
    else if (line[at] === '"') return at;
  }
  return -1;
}

const unescaped = (text: string): string =>
  text.includes("\\") ? text.replace(/\\(.)/g, (_, mark: string) => (mark === "n" ? "\n" : mark)) : text;

function numberOf(text: string): number | undefined {
  if (/^[+-]?inf(inity)?$/i.test(text)) return text.startsWith("-") ? -Infinity : Infinity;
  if (/^nan$/i.test(text)) return Number.NaN;
  return /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(text) ? Number(text) : undefined;
}
