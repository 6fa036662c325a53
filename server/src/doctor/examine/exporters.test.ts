import { expect, test } from "vitest";
import { parseConfig } from "../../config/read.ts";
import { judgeNode } from "./coverage.ts";
import { judgeExporter } from "./exporters.ts";

const watchedBy = (collect: string) => {
  const [node] = parseConfig(`version: 1\nnodes: [{ id: mx1, collect: [${collect}] }]`, "test").nodes;
  if (node === undefined) throw new Error("no node");
  return judgeNode(node).map(({ verdict, says }) => `${verdict} ${says}`);
};

test("a node that is only counted, and an exporter that nobody asks", () => {
  const counted = "{ type: prometheus, url: 'http://127.0.0.1:9154/metrics', mapping: postfix-exporter }";
  expect(watchedBy(counted)).toEqual(["missing only counts of its queues, by prometheus"]);
  const { mend } = judgeExporter("mx1", { url: "http://127.0.0.1:9154/metrics", mapping: "postfix-exporter" });
  const [line = ""] = mend?.lines.filter((each) => each.includes("prometheus")) ?? [];
  expect(watchedBy(line.replace(/^ *- /, ""))).toEqual(watchedBy(counted));
});
