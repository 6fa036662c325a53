import { readyMade } from "../../collect/counts/ready-made.ts";
import { readExposition } from "../../collect/prometheus/exposition.ts";
import { scrape } from "../../collect/prometheus/fetch.ts";
import { type Finding, inNode } from "../finding.ts";
import type { Examination, Node } from "../patient.ts";

/** Where those who count queues listen unless they are told otherwise. */
const usual = [
  { mapping: "postfix-exporter", url: "http://127.0.0.1:9154/metrics" },
  { mapping: "exim-exporter", url: "http://127.0.0.1:9636/metrics" },
  { mapping: "kumomta", url: "http://127.0.0.1:8000/metrics" },
] as const;

/** Of a node without a log, an exporter on this host tells at least how much waits. */
export const exporters: Examination = async ({ config }) => {
  const dark = config.nodes.filter(isDark);
  const [node] = dark;
  if (node === undefined) return [];
  const found = await Promise.all(usual.map(async (each) => ({ each, isThere: await answers(each) })));
  return found.filter(({ isThere }) => isThere).map(({ each }) => judgeExporter(node.id, each));
};

/** A log that is configured and cannot be read is said where it is tried. */
const isDark = ({ collect }: Node): boolean =>
  !collect.some(({ type }) => type === "agent" || type === "prometheus" || type.endsWith("-log"));

export function judgeExporter(
  node: string,
  { mapping, url }: { readonly mapping: string; readonly url: string },
): Finding {
  return {
    verdict: "missing",
    what: `${node} counts`,
    says: `an exporter answers at ${url} and nobody asks it`,
    why: "While no log can be read it tells how much waits, and how long at least: an estimate is better than nothing.",
    mend: inNode(
      node,
      "collect: # and beside what is there",
      `  - { type: prometheus, url: "${url}", mapping: ${mapping} }`,
    ),
  };
}

async function answers({ mapping, url }: (typeof usual)[number]): Promise<boolean> {
  try {
    const { text } = await scrape({ url, headers: {} }, AbortSignal.timeout(2_000));
    const names = readyMade[mapping].map(({ metric }) => metric);
    const wants = (name: string): boolean => names.some((metric) => name.startsWith(metric));
    for (const sample of readExposition(text, { wants, isOpenMetrics: false })) if (sample !== null) return true;
    return false;
  } catch {
    return false;
  }
}
